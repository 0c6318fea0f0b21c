// uWebSockets.js keeps the listener's contract.
import { listenerContract } from "../../contract/listener.ts";
import { openUwsListener } from "./uws-listener.ts";

listenerContract("uWebSockets.js", openUwsListener);
