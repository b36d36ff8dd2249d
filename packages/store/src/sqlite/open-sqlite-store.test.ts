import { accountContract } from '../contract/account-contract.ts'
import { eventLogContract } from '../contract/event-log-contract.ts'
import { factSinkContract } from '../contract/fact-sink-contract.ts'
import { inventoryContract } from '../contract/inventory-contract.ts'
import { modelContract } from '../contract/model-contract.ts'
import { openSqliteSubject } from '../contract/sqlite-subject.ts'

eventLogContract('SQLite', openSqliteSubject)
factSinkContract('SQLite', openSqliteSubject)
inventoryContract('SQLite', openSqliteSubject)
accountContract('SQLite', openSqliteSubject)
modelContract('SQLite', openSqliteSubject)
