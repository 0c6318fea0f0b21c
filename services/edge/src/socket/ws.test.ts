// ws and node:http keep the listener's contract.
import { listenerContract } from "../../contract/listener.ts";
import { openWsListener } from "./ws-listener.ts";

listenerContract("ws", openWsListener);
