import ArgumentParser
import Diagnostics
import Foundation
import Kit
import Playback

@main
struct Firstword: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "firstword",
    abstract: "Build, verify, install and test kits of recorded first-contact messages.",
    discussion: """
      For trainers, from an empty directory to a kit:

        firstword new shelter --languages ro,es,ru
        firstword record ro --project shelter         # with a microphone; or, for trials:
        firstword synthesize --project shelter
        firstword check --project shelter
        firstword keygen publisher
        firstword build --project shelter -o shelter.kit --key publisher.key

      For testers, without hardware:

        firstword verify shelter.kit --trust publisher.pub
        firstword test shelter.kit --trust publisher.pub \\
          --board board.yaml --scenario scenario.yaml

      Exit status: 0 done; 1 done, with a negative result (findings, a bad signature, a failed scenario); 2 failed; 64 \
      wrong options.
      """,
    version: programVersion,
    groupedSubcommands: [
      CommandGroup(
        name: "Words and recordings",
        subcommands: [
          StudioCommand.self, Languages.self, Prompts.self, WordsCommand.self, New.self,
          SettingsCommand.self, Record.self, ImportCommand.self, Synthesize.self, Review.self, Approve.self,
          PostCommand.self, Vouch.self, SpeakersCommand.self, Takedown.self, CheckProject.self,
        ]),
      CommandGroup(
        name: "Kits",
        subcommands: [
          Keygen.self, Build.self, Verify.self, Info.self, List.self, Diff.self, Extract.self, Merge.self, Sign.self,
          Rekey.self, RecallCommand.self, ChannelCommand.self, Card.self, Play.self,
        ]),
      CommandGroup(
        name: "Devices",
        subcommands: [
          BoardCommand.self, ImageCommand.self, Install.self, StoreCommand.self, StickCommand.self, SystemCommand.self,
          Doctor.self, Ctl.self, JournalCommand.self,
        ]),
      CommandGroup(
        name: "Trials and training",
        subcommands: [
          Simulate.self, Test.self, LinesCommand.self,
        ]),
    ])

  /// Runs the command. Unlike ParsableCommand's own `main()`, an error prints one line with the program's name.
  static func main() {
    ALSAMessages.discard()
    if let fault = CommandSpelling.fault(in: Array(CommandLine.arguments.dropFirst())) {
      Terminal.complain("\(fault)")
      exit(withError: ExitCode.validationFailure)
    }
    do {
      var command = try parseAsRoot()
      do {
        try command.run()
      } catch let failure as Failure {
        Terminal.complain(failure.message)
        exit(withError: ExitCode(failure.status))
      } catch  where !isParserError(error) {
        Terminal.complain("\(error)")
        exit(withError: ExitCode(2))
      }
    } catch { end(error) }
  }

  /// Ends with the parser's error. Its message may quote arguments, such as the names of files.
  private static func end(_ error: any Error) -> Never {
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    if !message.isEmpty { Terminal.write(code == .success ? 1 : 2, Printable(lines: message) + "\n") }
    exit(withError: code)
  }

  /// Returns whether the parser prints the error itself: help, wrong usage, or a bare exit status.
  private static func isParserError(_ error: any Error) -> Bool {
    error is ExitCode || [.success, .validationFailure].contains(exitCode(for: error))
  }
}

/// An error with an exit status.
struct Failure: Error, CustomStringConvertible {
  let status: Int32
  let message: Printable

  var description: String { message.text }

  /// A negative result: exit status 1.
  static func wrong(_ message: Printable) -> Failure { Failure(status: 1, message: message) }
  /// A failure: exit status 2.
  static func impossible(_ message: Printable) -> Failure { Failure(status: 2, message: message) }
}

/// The option for the catalogue.
struct CatalogueOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Directory with Prompts and Languages; default: the installed one.", valueName: "DIR"))
  var catalogue: String?
}
