// One YAML file and the environment over it, as one frozen typed value or the list of all mistakes.
export {};
