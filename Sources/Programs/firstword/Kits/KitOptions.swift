import ArgumentParser
import Foundation
import Kit
import Posix

/// The option for a recall list.
struct RecallsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A recall list ('firstword recall'); each recalled part is an error.", valueName: "FILE"))
  var recalls: String?

  @Flag(
    help:
      "Apply the list to every publisher's kits, as a device does after 'firstword store trust KEY.pub --recalls-all'; default: only to those of its own."
  )
  var recallsAll = false

  func validate() throws {
    if recallsAll && recalls == nil { throw ValidationError("--recalls-all goes with --recalls FILE") }
  }

  /// Reads the list, verifies that a trusted key signed it, and returns why a kit must not be used; `nil` without the
  /// option. What the list names of other publishers is reported on standard error.
  func refusals(of file: KitFile, trustedBy trusted: TrustedKeys) throws -> [KitError]? {
    guard let recalls else { return nil }
    let (list, signer): (RecallList, PublicKey)
    do throws(SignedFileError) { (list, signer) = try RecallList.read(recalls, trustedBy: trusted) } catch {
      if case .system = error { throw error }
      throw Failure.wrong("\(error)")
    }
    let refusals = list.refusals(of: file, trustedBy: trusted, by: signer, forAll: recallsAll)
    let all = list.refusals(of: file, trustedBy: trusted, by: signer, forAll: true)
    for other in all where !refusals.contains(other) {
      Terminal.complain(
        "not applied, because \(signer.id), which signed the list, did not sign this; --recalls-all applies it: \(other)"
      )
    }
    return refusals
  }
}

/// The option for the signing key.
struct KeyOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The secret key to sign with, made by 'firstword keygen' or minisign.", valueName: "NAME.key"))
  var key: String

  /// Reads the key, and asks for its passphrase if it is encrypted.
  func load() throws -> SecretKey { try Terminal.secretKey(key) }
}

/// The option for a key that is needed only in some cases.
struct OptionalKeyOption: ParsableArguments {
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp(
      "The secret key to sign with, made by 'firstword keygen' or minisign.", valueName: "NAME.key"))
  var given: String?

  // The earlier name of --key.
  @Option(name: .customLong("sign"), help: .hidden)
  var former: String?

  var path: String? { given ?? former }

  func validate() throws {
    if given != nil && former != nil { throw ValidationError("--sign is the former name of --key; give --key alone") }
  }
}

/// Opens a kit. A damaged kit is a finding (exit status 1); one that cannot be read is a failure (2).
func openKit(_ path: String) throws -> KitFile {
  do throws(KitError) { return try KitFile(path: path) } catch {
    if case .system = error.cause { throw error }
    throw Failure.wrong("\(error)")
  }
}

/// Throws unless trusted keys signed all manifests.
func requireTrust(in kit: KitFile, by trusted: TrustedKeys) throws {
  do throws(KitError) { try kit.signer(trustedBy: trusted) } catch { throw Failure.wrong("\(error)") }
}

/// Verifies all clips; throws the first fault and the number of others.
func requireWhole(_ kit: KitFile) throws {
  var progress = Terminal.Progress("verified")
  let faults = kit.faults(progress: { progress.show($0, of: $1) })
  progress.end()
  guard let first = faults.first else { return }
  throw Failure.wrong(faults.count == 1 ? "\(first)" : "\(first) (and \(faults.count - 1) more)")
}

extension Clip {
  /// Its length in seconds.
  var length: Double { Double(frames) / 48_000 }
}
