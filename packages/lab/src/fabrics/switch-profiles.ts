import type { JsonObject } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import { labObject } from './lab-object.ts'

/** Ports of every switch of the lab, besides the management port. */
export const PORTS = 64

/** Profile of the lab's spines. */
export const SPINE_PROFILE = 'lab-s6400'
/** Profile of the lab's leaves. */
export const LEAF_PROFILE = 'lab-l6425'

function profile(name: string, displayName: string, silicon: string, speed: string, tunnels: boolean): KubeObject {
  const ports: JsonObject = { M1: { label: 'mgmt', nos: 'Management0', management: true, oniePortName: 'eth0' } }
  for (let number = 1; number <= PORTS; number += 1)
    ports[`E1/${number}`] = {
      label: String(number),
      nos: `Ethernet${(number - 1) * 4}`,
      profile: speed,
      pipeline: number <= 32 ? '0' : '1',
    }
  return labObject('SwitchProfile', name, {
    displayName,
    otherNames: [`${displayName} (lab)`],
    platform: `x86_64-${name.replaceAll('-', '_')}-r0`,
    switchSilicon: silicon,
    nosType: 'lab-nos',
    maxPorts: PORTS,
    config: { maxPathsEBGP: 16 },
    features: {
      acls: true,
      eslag: tunnels,
      l2vni: tunnels,
      l3vni: true,
      roce: true,
      ecmpRoCEQPN: false,
      mclag: false,
      subinterfaces: true,
    },
    pipelines: { '0': { maxPorts: 32 }, '1': { maxPorts: 32 } },
    portProfiles: { [speed]: { autoNegAllowed: true, autoNegDefault: false, speed: { default: '100G', supported: ['25G', '100G'] } } },
    ports,
  })
}

/** The two hardware models of the lab. */
export const switchProfiles = (): KubeObject[] => [
  profile(SPINE_PROFILE, 'Lab S-6400', 'lab-silicon-4', 'QSFP28-100G', false),
  profile(LEAF_PROFILE, 'Lab L-6425', 'lab-silicon-3', 'QSFP28-100G-25G', true),
]
