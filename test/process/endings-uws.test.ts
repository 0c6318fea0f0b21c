// How connections end on the native sockets.
import { endings } from "./endings.ts";

endings("uws");
