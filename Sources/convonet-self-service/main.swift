import SelfService

SelfServiceProgram.prepareProcess()
await SelfServiceProgram.run()
