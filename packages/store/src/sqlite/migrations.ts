import { BinnacleError } from '@binnacle/protocol'
import type { Database } from 'better-sqlite3'

/** A step of the schema; each direction runs in a transaction of its own. */
interface Migration {
  readonly about: string
  readonly up: string
  readonly down: string
}

const MIGRATIONS: readonly Migration[] = [
  {
    about: 'log, objects, versions, references',
    up: `
      CREATE TABLE log_head (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, seq INTEGER NOT NULL, oldest INTEGER NOT NULL, term INTEGER NOT NULL) STRICT;
      CREATE TABLE log (seq INTEGER PRIMARY KEY, event_type TEXT NOT NULL, scope TEXT NOT NULL, kind TEXT, name TEXT, at INTEGER NOT NULL, text TEXT) STRICT;
      CREATE INDEX log_by_scope ON log (scope, event_type, seq);
      CREATE INDEX log_by_object ON log (kind, name, seq) WHERE kind IS NOT NULL;
      CREATE INDEX log_by_time ON log (at);
      CREATE TABLE log_bodies (seq INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
      CREATE TABLE kinds (scope TEXT NOT NULL, grp TEXT NOT NULL, kind TEXT NOT NULL, listed_at INTEGER, version TEXT, PRIMARY KEY (scope, grp, kind)) STRICT, WITHOUT ROWID;
      CREATE TABLE objects (
        id INTEGER PRIMARY KEY, scope TEXT NOT NULL, grp TEXT NOT NULL, kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
        uid TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL, columns TEXT NOT NULL, labels TEXT NOT NULL,
        derived TEXT, status TEXT, health TEXT, signals TEXT NOT NULL, created_at TEXT, changed_seq INTEGER NOT NULL, changed_at INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX objects_by_name ON objects (scope, grp, kind, name, namespace);
      CREATE INDEX objects_by_health ON objects (scope, grp, kind, health, status);
      CREATE TABLE object_docs (id INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;
      CREATE VIRTUAL TABLE objects_search USING fts5 (text, tokenize = 'trigram', content = '', contentless_delete = 1);
      CREATE TABLE object_refs (id INTEGER NOT NULL, role TEXT NOT NULL, scope TEXT NOT NULL, to_grp TEXT NOT NULL, to_kind TEXT NOT NULL, to_name TEXT NOT NULL, PRIMARY KEY (id, role, to_grp, to_kind, to_name)) STRICT, WITHOUT ROWID;
      CREATE INDEX object_refs_by_target ON object_refs (scope, to_grp, to_kind, to_name, id);
      CREATE TABLE object_versions (
        id INTEGER PRIMARY KEY, scope TEXT NOT NULL, grp TEXT NOT NULL, kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
        seq INTEGER NOT NULL, at INTEGER NOT NULL, version TEXT NOT NULL, doc TEXT
      ) STRICT;
      CREATE INDEX object_versions_by_object ON object_versions (scope, grp, kind, name, namespace, seq);
      CREATE INDEX object_versions_by_time ON object_versions (at);
    `,
    down: `
      DROP TABLE object_versions; DROP TABLE object_refs; DROP TABLE objects_search; DROP TABLE object_docs; DROP TABLE objects; DROP TABLE kinds; DROP TABLE log_bodies; DROP TABLE log; DROP TABLE log_head;
    `,
  },
  {
    about: 'accounts, sign-ins, tokens, settings, fabrics, audit',
    up: `
      CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT NOT NULL, canonical_name TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, disabled INTEGER NOT NULL, created_at INTEGER NOT NULL, rights_version INTEGER NOT NULL, grants TEXT NOT NULL, password_hash TEXT) STRICT;
      CREATE TABLE sign_ins (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, refresh_hash TEXT NOT NULL, previous_hash TEXT, rotated_at INTEGER NOT NULL, ended_at INTEGER, user_agent TEXT NOT NULL, address TEXT NOT NULL) STRICT;
      CREATE INDEX sign_ins_by_user ON sign_ins (user_id);
      CREATE TABLE tokens (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, grants TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER, last_used_at INTEGER) STRICT;
      CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE fabrics (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL, enabled INTEGER NOT NULL, connection TEXT NOT NULL, settings TEXT NOT NULL, origin TEXT NOT NULL, secret TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
      CREATE TABLE audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT, action TEXT NOT NULL, target TEXT, outcome TEXT NOT NULL, address TEXT, detail TEXT NOT NULL, chain TEXT NOT NULL) STRICT;
    `,
    down: 'DROP TABLE audit; DROP TABLE fabrics; DROP TABLE settings; DROP TABLE tokens; DROP TABLE sign_ins; DROP TABLE users;',
  },
  {
    about: 'objects that could not be taken in',
    up: `
      CREATE TABLE quarantined (scope TEXT NOT NULL, grp TEXT NOT NULL, kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, uid TEXT NOT NULL, version TEXT NOT NULL, hash TEXT NOT NULL, cause TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (scope, grp, kind, namespace, name)) STRICT, WITHOUT ROWID;
    `,
    down: 'DROP TABLE quarantined;',
  },
]

/** The schema version of this program. */
export const SCHEMA_VERSION = MIGRATIONS.length

const versionOf = (database: Database): number => Number(database.pragma('user_version', { simple: true }))

/**
 * Brings the schema to `target` (default: newest), forward or back, a transaction a step. Throws STORE_TOO_NEW when
 * the database knows steps that this program does not.
 */
export function migrate(database: Database, target: number = SCHEMA_VERSION): void {
  const start = versionOf(database)
  if (start > SCHEMA_VERSION)
    throw new BinnacleError('STORE_TOO_NEW', `the database has schema ${start}, this program knows up to ${SCHEMA_VERSION}`)
  const step = (sql: string, version: number): void => {
    database.transaction(() => {
      database.exec(sql)
      database.pragma(`user_version = ${version}`)
    })()
  }
  for (let version = start; version < target; version += 1) step(MIGRATIONS[version]?.up ?? '', version + 1)
  for (let version = start; version > target; version -= 1) step(MIGRATIONS[version - 1]?.down ?? '', version - 1)
}
