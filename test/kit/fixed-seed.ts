// Property tests draw the same cases every time; HELIOGRAPH_SEED names others, and fast-check prints the one that failed.
import { configureGlobal } from "fast-check";

configureGlobal({ seed: Number(process.env["HELIOGRAPH_SEED"] ?? 20_261_121) });
