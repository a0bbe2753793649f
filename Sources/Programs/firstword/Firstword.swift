import ArgumentParser
import Foundation
import Kit

@main
struct Firstword: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "firstword",
    abstract: "Recorded first-contact messages: from recordings to a signed kit, and to a press that speaks.",
    discussion: """
      A trainer's way, from an empty directory to a kit:

        firstword new shelter --languages ro,es,ru
        firstword record ro --project shelter         # with a microphone; or for trials:
        firstword synthesize shelter
        firstword check shelter
        firstword keygen publisher
        firstword build shelter -o shelter.kit --sign publisher.key

      A tester's way, without hardware:

        firstword verify shelter.kit --trust publisher.pub
        firstword test shelter.kit --trust publisher.pub \\
          --board board.yaml --scenario scenario.yaml

      Exit status: 0 done; 1 done, and something is wrong with what was looked at (findings, a bad signature, a \
      failed scenario); 2 could not be done; 64 wrong options.
      """,
    version: programVersion,
    groupedSubcommands: [
      CommandGroup(
        name: "Words and recordings",
        subcommands: [
          Languages.self, Prompts.self, WordsCommand.self, New.self, Record.self, ImportCommand.self, Synthesize.self,
          Review.self, Approve.self, SpeakersCommand.self, Takedown.self, CheckProject.self,
        ]),
      CommandGroup(
        name: "Kits",
        subcommands: [
          Keygen.self, Build.self, Verify.self, Info.self, List.self, Diff.self, Extract.self, Merge.self, Sign.self,
          Rekey.self, RecallCommand.self, Card.self, Play.self,
        ]),
      CommandGroup(
        name: "Devices",
        subcommands: [
          BoardCommand.self, Install.self, StoreCommand.self, Doctor.self, Ctl.self, JournalCommand.self,
        ]),
      CommandGroup(
        name: "Trials and training",
        subcommands: [
          Simulate.self, Test.self, LinesCommand.self,
        ]),
    ])

  /// As ParsableCommand's own, but an error of ours is one line under our name.
  static func main() {
    do {
      var command = try parseAsRoot()
      do {
        try command.run()
      } catch let failure as Failure {
        Terminal.complain(failure.message)
        exit(withError: ExitCode(failure.status))
      } catch  where !isParsers(error) {
        Terminal.complain("\(error)")
        exit(withError: ExitCode(2))
      }
    } catch { exit(withError: error) }
  }

  /// Errors that the parser knows how to show: help asked for, wrong usage, and a bare exit status.
  private static func isParsers(_ error: any Error) -> Bool {
    error is ExitCode || [.success, .validationFailure].contains(exitCode(for: error))
  }
}

/// An error with an exit status of its own.
struct Failure: Error {
  let status: Int32
  let message: String

  /// What was looked at is wrong.
  static func wrong(_ message: String) -> Failure { Failure(status: 1, message: message) }
  /// It could not be done.
  static func impossible(_ message: String) -> Failure { Failure(status: 2, message: message) }
}

/// Where the catalogue is.
struct CatalogueOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Directory with Prompts and Languages, instead of the one that comes along.", valueName: "DIR"))
  var catalogue: String?
}
