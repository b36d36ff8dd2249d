import { Command, Option } from 'commander'
import { restoreBackup } from '@binnacle/store'
import { BinnacleError, ROLES, type Role } from '@binnacle/protocol'
import { isAbsolute, resolve } from 'node:path'
import { runDemo } from './commands/demo.ts'
import { doctor } from './commands/doctor.ts'
import { addFabric, listFabrics, removeFabric, testFabric, type FabricAddOptions } from './commands/fabric.ts'
import { runLab } from './commands/lab.ts'
import { readConfig } from './commands/read-config.ts'
import { startServing, untilSignal } from './commands/serve.ts'
import { showConfig } from './commands/show-config.ts'
import { tail, type TailOptions } from './commands/tail.ts'
import { complain, say, seconds } from './commands/terminal.ts'
import { withAdmin } from './commands/with-admin.ts'
import { dataDirPaths } from './compose/data-dir.ts'
import { VERSION } from './compose/hub-process.ts'

const program = new Command('binnacle')
  .description('A live operations console for network infrastructure.')
  .version(VERSION)
  .showHelpAfterError()
const withConfig = (command: Command): Command =>
  command.option('--config <file>', 'configuration file (default: BINNACLE_CONFIG, else binnacle.yaml)')
interface HasConfig {
  readonly config?: string
}
const list = (value: string, before: string[] = []): string[] => [...before, value]

withConfig(program.command('serve').description('run the hub')).action(async ({ config }: HasConfig) => {
  const hub = await startServing(readConfig(config))
  await untilSignal(() => hub.close())
})

program
  .command('demo')
  .description('run the hub on two lab fabrics')
  .option('--port <port>', 'port of the console (default 7640)')
  .option('--data-dir <folder>', 'keep everything in this folder instead of a temporary one')
  .option('--speed <factor>', 'how much faster than real time the lab lives')
  .option('--objects <n>', 'VPCs in addition to the lab’s own')
  .option('--life <how>', 'story: things happen; beats: switches only beat; still: nothing moves')
  .action(runDemo)

program
  .command('lab')
  .description('run only the lab: Kubernetes API servers with two fabrics')
  .option('--port <port>', 'port of the first server; the next follows')
  .option('--kubeconfig <file>', 'write the first fabric’s kubeconfig here')
  .option('--objects <n>', 'VPCs in addition to the lab’s own')
  .action(runLab)

const fabric = program.command('fabric').description('add, list, prove and remove fabrics')
withConfig(fabric.command('add <name>').description('add a fabric'))
  .option('--kubeconfig <file>', 'take a context’s data out of this kubeconfig (- for standard input)')
  .option('--kubeconfig-file <file>', 'use this kubeconfig as it is, exec plug-ins and files included')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--server <url>', 'address of the API server')
  .option('--ca-file <file>', 'CA certificate, PEM')
  .option('--token-file <file>', 'token (- for standard input)')
  .option('--in-cluster', 'use the account of the pod this runs in')
  .option('--description <text>')
  .action((name: string, options: FabricAddOptions & HasConfig) => addFabric(readConfig(options.config), name, options))
withConfig(fabric.command('list').description('list fabrics with their status')).action(({ config }: HasConfig) =>
  listFabrics(readConfig(config)),
)
withConfig(fabric.command('remove <name>').description('remove a fabric')).action((name: string, { config }: HasConfig) =>
  removeFabric(readConfig(config), name),
)
withConfig(fabric.command('test <name>').description('prove list and watch of every kind')).action(
  async (name: string, { config }: HasConfig) => {
    if (!(await testFabric(readConfig(config), name))) process.exitCode = 1
  },
)

withConfig(program.command('tail').description('follow events of the running hub'))
  .option('--from <position>', 'a position, oldest, or a time')
  .option('--type <type>', 'event type or prefix like cr_*; repeatable', list)
  .option('--scope <scope>', 'scope or pattern; repeatable', list)
  .option('--json', 'one JSON object a line')
  .action((options: TailOptions & HasConfig) => tail(readConfig(options.config), options))

withConfig(program.command('token').description('API tokens').command('create').description('make an API token; it is shown once'))
  .requiredOption('--user <name>', 'its user; made when missing, without a password')
  .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
  .option('--scope <pattern>', 'where: fabric/<id>, fabric/*, *, …', '*')
  .option('--ttl <time>', 'how long it is valid: 1h, 30d, … (default: no end)')
  .option('--name <name>', 'what it is for', 'command line')
  .option('--json', 'as JSON')
  .action(async (options: { user: string; role: Role; scope: string; ttl?: string; name: string; json?: boolean } & HasConfig) => {
    const ttlSeconds = options.ttl === undefined ? null : seconds(options.ttl)
    if (ttlSeconds === undefined)
      throw new BinnacleError('BAD_REQUEST', `--ttl ${options.ttl ?? ''} is not a time; write 90, 30m, 12h or 7d`)
    const made = await withAdmin(readConfig(options.config), (operations) =>
      operations.createToken({ user: options.user, role: options.role, scope: options.scope, ttlSeconds, name: options.name }),
    )
    say(options.json === true ? JSON.stringify(made) : made.token)
  })

withConfig(program.command('setup-link').description('make a one-time link that creates or resets an administrator')).action(
  async ({ config }: HasConfig) => {
    const { url, expiresAt } = await withAdmin(readConfig(config), (operations) => operations.setupLink())
    say(`${url}\nvalid once, until ${expiresAt}`)
  },
)

withConfig(program.command('config').description('show the effective configuration and where each value came from')).action(
  ({ config }: HasConfig) => showConfig(readConfig(config)),
)

withConfig(program.command('doctor').description('look at what a hub needs on this machine')).action(async ({ config }: HasConfig) => {
  if (!(await doctor(config))) process.exitCode = 1
})

withConfig(program.command('backup <file>').description('copy the database while everything goes on')).action(
  async (file: string, { config }: HasConfig) => {
    const { bytes } = await withAdmin(readConfig(config), (operations) => operations.backup({ path: resolve(file) }))
    say(`${bytes} bytes`)
  },
)

withConfig(program.command('restore <file>').description('make the database from a backup; a new epoch begins')).action(
  (file: string, { config }: HasConfig) => {
    const { loaded, baseDir } = readConfig(config)
    const folder = isAbsolute(loaded.config.dataDir) ? loaded.config.dataDir : resolve(baseDir, loaded.config.dataDir)
    restoreBackup(resolve(file), dataDirPaths(folder).database)
    say('restored; sign-ins are void, tokens stay; a new epoch begins')
  },
)

try {
  await program.parseAsync()
} catch (error) {
  complain(error)
  process.exitCode = 1
}
