import ArgumentParser
import Foundation
import Kit
import Posix

/// What must no longer be used, for who looks at a kit.
struct RecallsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A recall list ('firstword recall'): what it names counts as an error.", valueName: "FILE"))
  var recalls: String?

  /// The list, if somebody trusted signed it.
  func load(trustedBy trusted: TrustedKeys) throws -> RecallList? {
    guard let recalls else { return nil }
    do throws(SignedFileError) { return try RecallList.read(recalls, trustedBy: trusted).list } catch {
      if case .system = error { throw error }
      throw Failure.wrong("\(error)")
    }
  }
}

/// The secret key of who signs.
struct KeyOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The secret key to sign with, as 'firstword keygen' or minisign makes it.", valueName: "NAME.key"))
  var key: String

  func load() throws -> SecretKey { try SecretKey(reading: key) { Terminal.passphrase($0) } }
}

/// A kit that is there but damaged is what was looked at; one that cannot be read could not be looked at.
func openKit(_ path: String) throws -> KitFile {
  do throws(KitError) { return try KitFile(path: path) } catch {
    if case .system = error.cause { throw error }
    throw Failure.wrong("\(error)")
  }
}

/// Throws unless somebody trusted signed all of it.
func requireTrust(in kit: KitFile, by trusted: TrustedKeys) throws {
  do throws(KitError) { try kit.signer(trustedBy: trusted) } catch { throw Failure.wrong("\(error)") }
}

/// Throws for the first of what is wrong with any clip, and says how many more there are.
func requireWhole(_ kit: KitFile) throws {
  var progress = Terminal.Progress("verified")
  let faults = kit.faults(progress: { progress.show($0, of: $1) })
  progress.end()
  guard let first = faults.first else { return }
  throw Failure.wrong(faults.count == 1 ? "\(first)" : "\(first) (and \(faults.count - 1) more)")
}

extension Clip {
  /// Seconds.
  var length: Double { Double(frames) / 48_000 }
}
