// JsSIP in a file of its own, fetched only by desks that use the web phone.
export { UA } from "jssip";
export { WatchedSocket } from "./socket";
