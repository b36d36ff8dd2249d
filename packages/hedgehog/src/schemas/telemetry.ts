import { bool, int, list, map, obj, str } from './json-schema.ts'

/** Fields that every telemetry target has; user name, password, bearer token and certificates are credentials. */
const targetFields = {
  url: str('Where it is sent.'),
  basicAuth: obj({ username: str('User name. Secret.'), password: str('Password. Secret.') }, 'Sign-in by password.'),
  bearerToken: str('Token. Secret.'),
  caPEM: str('Certificate authority.'),
  certPEM: str('Client certificate.'),
  insecureSkipVerify: bool('Do not verify the certificate.'),
  labels: map(str(), 'Labels added.'),
}

const sendIntervalSeconds = int('Seconds between two sends.')
const useControlProxy = bool('Go through the proxy on the control node.')

/** Targets of the current form, by kind of telemetry and name. */
export const telemetryTargets = obj(
  {
    loki: map(obj(targetFields), 'Log targets.'),
    prometheus: map(obj({ ...targetFields, sendIntervalSeconds }), 'Metric targets.'),
    pyroscope: map(obj(targetFields), 'Profile targets.'),
  },
  'Where telemetry is sent.',
)

/** The older form of telemetry settings, still carried by Agent and Fabricator. */
export const oldAlloy = obj(
  {
    controlProxyURL: str('Proxy on the control node.'),
    agentScrapeIntervalSeconds: int('Seconds between two readings.'),
    unixScrapeIntervalSeconds: int('Seconds between two readings.'),
    unixExporterEnabled: bool('Read system metrics.'),
    unixExporterCollectors: list(str(), 'System metrics to read.'),
    collectSyslogEnabled: bool('Send the system log.'),
    lokiTargets: map(obj({ ...targetFields, useControlProxy }), 'Log targets.'),
    prometheusTargets: map(obj({ ...targetFields, sendIntervalSeconds, useControlProxy }), 'Metric targets.'),
  },
  'Telemetry, older form.',
)

/** Rules that rewrite labels of metrics. */
export const relabel = list(
  obj({ action: str(), regex: str(), replacement: str(), separator: str(), sourceLabels: list(str()), targetLabel: str() }),
  'Label rewriting.',
)
