import AdminCommands
import Glibc

AdminCommandLine.prepareProcess()
let status = await AdminCommandLine.run(arguments: Array(CommandLine.arguments.dropFirst()))
exit(status)
