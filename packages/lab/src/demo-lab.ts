import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@binnacle/protocol'
import { startLabServer, type LabServer, type LabServerOptions } from './apiserver/lab-server.ts'
import { meshFabric } from './fabrics/mesh-fabric.ts'
import { manyVpcs, manyVpcsNamespaces } from './fabrics/many-vpcs.ts'
import { spineLeafFabric } from './fabrics/spine-leaf-fabric.ts'
import type { LabFabric } from './fabrics/lab-fabric.ts'
import { FabricLife } from './life/fabric-life.ts'

/** How the demo's lab is to be. */
export interface DemoLabOptions {
  readonly clock: Clock
  /** Where kubeconfigs are written, readable by their owner only. None are written when absent. */
  readonly folder?: string
  /** Same seed, same story; 1. */
  readonly seed?: number
  /** How much faster than the clock everything goes; 1. */
  readonly speed?: number
  /** `story`: switches beat and things happen; `beats`: switches only beat; `still`: nothing moves. */
  readonly life?: 'story' | 'beats' | 'still'
  /** Port of the first server, the next ones follow; 0 takes free ones. */
  readonly port?: number
  /** VPCs in addition, in the first fabric. */
  readonly manyVpcs?: number
  /** For the servers: times, bounds, faults of the lab. */
  readonly server?: Omit<LabServerOptions, 'port'>
  readonly onError?: (error: unknown) => void
}

/** A fabric of the running lab, as announced. */
export interface DemoFabric {
  readonly name: string
  readonly server: string
  /** CA certificate, PEM. */
  readonly ca: string
  /** Of an account that may only read. */
  readonly token: string
  /** Path of an administrator's kubeconfig; null when no folder was given. */
  readonly kubeconfig: string | null
  /** Path of the kubeconfig of the account that may only read; null when no folder was given. */
  readonly readerKubeconfig: string | null
}

/** The running lab. */
export interface DemoLab {
  readonly fabrics: readonly DemoFabric[]
  /** By fabric, in the same order. */
  readonly servers: readonly LabServer[]
  readonly lives: readonly FabricLife[]
  close(): Promise<void>
}

/** Starts one API server per fabric (spines and leaves, mesh), fills it, and lets it live. Resolves when all listen. */
export async function startDemoLab(options: DemoLabOptions): Promise<DemoLab> {
  const at = options.clock.now()
  const given = [spineLeafFabric({ at }), meshFabric({ at })]
  const servers: LabServer[] = []
  const lives: FabricLife[] = []
  const close = async (): Promise<void> => {
    await Promise.all(lives.map((life) => life.stop()))
    await Promise.all(servers.map((server) => server.close()))
  }
  try {
    const fabrics: DemoFabric[] = []
    for (const [place, fabric] of given.entries()) {
      const port = options.port === undefined || options.port === 0 ? 0 : options.port + place
      const server = await startLabServer({ ...options.server, port })
      servers.push(server)
      server.control.seed(fabric.objects)
      if (place === 0 && options.manyVpcs !== undefined && options.manyVpcs > 0) {
        server.control.seed(manyVpcsNamespaces(options.manyVpcs))
        server.control.seed(manyVpcs(options.manyVpcs))
      }
      fabrics.push(await announce(fabric, server, options.folder))
      if (options.life === 'still') continue
      const life = new FabricLife({
        access: { server: server.url, ca: server.ca, token: server.token('admin') },
        plan: fabric.plan,
        clock: options.clock,
        seed: (options.seed ?? 1) + place,
        ...(options.speed !== undefined && { speed: options.speed }),
        ...(options.life === 'beats' && { script: 'none' as const }),
        ...(options.onError !== undefined && { onError: options.onError }),
      })
      lives.push(life)
      life.start()
    }
    return { fabrics, servers, lives, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function announce(fabric: LabFabric, server: LabServer, folder: string | undefined): Promise<DemoFabric> {
  const write = async (suffix: string, account: string): Promise<string | null> => {
    if (folder === undefined) return null
    await mkdir(folder, { recursive: true })
    const path = join(folder, `${fabric.name}${suffix}.kubeconfig`)
    await writeFile(path, server.kubeconfig(account), { mode: 0o600 })
    // The mode of writeFile counts only for files that were not there.
    await chmod(path, 0o600)
    return path
  }
  return {
    name: fabric.name,
    server: server.url,
    ca: server.ca,
    token: server.token('readonly'),
    kubeconfig: await write('', 'admin'),
    readerKubeconfig: await write('-reader', 'readonly'),
  }
}
