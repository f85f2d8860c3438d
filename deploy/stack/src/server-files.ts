import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DOWNLOAD_MS_MAX = 10 * 60_000;

interface Artifact {
  group: string;
  id: string;
  version: string;
}

/** The servers' jars by Maven coordinates; the class path is everything Maven resolves from them. */
const ARTIFACTS = {
  kafka: [
    { group: 'org.apache.kafka', id: 'kafka_2.13', version: '4.3.1' },
    { group: 'org.apache.kafka', id: 'kafka-tools', version: '4.3.1' },
    { group: 'org.apache.logging.log4j', id: 'log4j-slf4j-impl', version: '2.24.3' },
    { group: 'org.apache.logging.log4j', id: 'log4j-core', version: '2.24.3' },
  ],
  cassandra: [{ group: 'org.apache.cassandra', id: 'cassandra-all', version: '5.0.8' }],
} as const satisfies Record<string, readonly Artifact[]>;

export type JavaServer = keyof typeof ARTIFACTS;

/**
 * The folder with the server's jars, downloaded through Maven the first time.
 * @throws Error that names what to install
 */
export async function serverFiles(server: JavaServer, cacheFolder: string): Promise<string> {
  await requireCommand('java', ['-version'], 'apt-get install openjdk-17-jre-headless');
  const main: Artifact = ARTIFACTS[server][0];
  const folder = join(cacheFolder, `${server}-${main.version}`);
  if (existsSync(folder)) return folder;
  await requireCommand('mvn', ['-version'], 'apt-get install maven');
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'pom.xml'), projectOf(server));
  await run(
    'mvn',
    [
      '-q',
      '-B',
      '-f',
      join(unfinished, 'pom.xml'),
      'dependency:copy-dependencies',
      '-DoutputDirectory=.',
      '-DincludeScope=runtime',
    ],
    { timeout: DOWNLOAD_MS_MAX },
  );
  rmSync(join(unfinished, 'pom.xml'));
  if (!existsSync(folder)) renameSync(unfinished, folder);
  return folder;
}

/** @throws Error with the command that installs what is missing */
export async function requireCommand(command: string, probe: string[], install: string): Promise<void> {
  try {
    await run(command, probe, { timeout: 30_000 });
  } catch (error) {
    throw new Error(`The stack needs ${command}, which cannot be run here. On Debian: ${install}`, { cause: error });
  }
}

function projectOf(server: JavaServer): string {
  const dependencies = ARTIFACTS[server].map(
    ({ group, id, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>garam</groupId><artifactId>stack-${server}</artifactId><version>1</version>
<dependencies>${dependencies.join('\n')}</dependencies></project>\n`;
}
