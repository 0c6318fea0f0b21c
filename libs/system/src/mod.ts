/** The time and the chance of a real process, behind core's Clock and Random. */
export {};
