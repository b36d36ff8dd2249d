import { bool, int, int32, list, map, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** Spec of a SwitchProfile. */
export const switchProfileSpec = obj(
  {
    displayName: str('Name for people.'),
    otherNames: list(str(), 'Other names of the model.'),
    notes: str('Free text.'),
    platform: str('Platform name in the network OS.'),
    switchSilicon: str('Switching chip.'),
    nosType: str('Which network OS it runs.'),
    maxPorts: int('Most ports in use at once; 0 for no limit.'),
    config: obj({ maxPathsEBGP: int32('Most equal BGP paths.') }, 'Limits of the model.'),
    features: obj(
      {
        acls: bool(),
        ecmpRoCEQPN: bool(),
        eslag: bool(),
        l2vni: bool(),
        l3vni: bool(),
        mclag: bool(),
        roce: bool(),
        subinterfaces: bool(),
      },
      'What the model can do.',
    ),
    pipelines: map(obj({ maxPorts: int('Most ports on this pipeline.') }), 'Forwarding pipelines by name.'),
    portGroups: map(
      obj({ nos: str('Name in the network OS.'), profile: str('Port profile of its ports.') }),
      'Ports that share one speed, by group.',
    ),
    portProfiles: map(
      obj({
        autoNegAllowed: bool('Auto negotiation can be set.'),
        autoNegDefault: bool('Auto negotiation unless set.'),
        breakout: obj(
          { default: str('Mode unless set.'), supported: map(obj({ offsets: list(str()) }), 'Modes and the ports they make.') },
          'Ports that can be split.',
        ),
        speed: obj({ default: str('Speed unless set.'), supported: list(str(), 'Possible speeds.') }, 'Ports with a choice of speed.'),
      }),
      'Kinds of ports by name.',
    ),
    ports: map(
      obj({
        label: str('Print on the case.'),
        nos: str('Name in the network OS.'),
        baseNOSName: str('Name in the network OS when not split.'),
        oniePortName: str('Name in the installer.'),
        group: str('Port group.'),
        profile: str('Port profile.'),
        pipeline: str('Pipeline.'),
        management: bool('Management port.'),
      }),
      'Ports by fabric name.',
    ),
  },
  'Ports, speeds and features of a model.',
)

/** The CRD of SwitchProfile. */
export const SWITCH_PROFILE_CRD = customResourceDefinition({
  kind: 'SwitchProfile',
  description: 'A hardware model of switch.',
  spec: switchProfileSpec,
})
