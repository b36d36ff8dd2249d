export { webFolder } from './web-folder.ts'
