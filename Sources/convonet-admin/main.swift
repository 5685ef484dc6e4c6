import AdminCommands
import Glibc

AdminCommandLine.prepareProcess()
exit(AdminCommandLine.run(arguments: Array(CommandLine.arguments.dropFirst())))
