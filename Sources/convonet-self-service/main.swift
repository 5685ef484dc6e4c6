import SelfService

await SelfServiceProgram.run()
