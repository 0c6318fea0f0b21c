// A test that says which check of a specification it proves must assert something: one that forgot to would prove nothing.
import { beforeEach, expect } from "vitest";

beforeEach(({ task }) => {
  if (/^\[[a-z]+ \d+\] /.test(task.name)) expect.hasAssertions();
});
