// The built standalone as a process of its own, as `npm start` runs it.
import { mains, ServiceProcess } from "./service-process.ts";

export class StandaloneProcess extends ServiceProcess {
  /**
   * @param settings as environment variables, without `HELIOGRAPH_`
   * @param nodeOptions for the program that runs it
   * @param files what lies in its working directory, by name
   */
  constructor(
    settings: Readonly<Record<string, string>> = {},
    nodeOptions: readonly string[] = [],
    files: Readonly<Record<string, string>> = {},
  ) {
    super({ main: mains.standalone, settings: { LISTEN_PORT: "0", ...settings }, nodeOptions, files });
  }

  static async ready(...how: ConstructorParameters<typeof StandaloneProcess>): Promise<StandaloneProcess> {
    const started = new StandaloneProcess(...how);
    await started.line("Heliograph is ready");
    return started;
  }
}
