import Diagnostics
import Kit

/// The checks of a kit: its clips, its release and its signature.
struct KitChecks {
  private let path: String
  private let subject: SelfTest.Subject

  /// Prepares the checks of the kit at `path`.
  init(_ path: String, _ subject: SelfTest.Subject) {
    self.path = path
    self.subject = subject
  }

  private var isField: Bool { subject.board?.use == .field }

  /// Runs all checks. Every clip is read and verified.
  ///
  /// - Parameter progress: called with the number of clips verified and the total.
  func run(progress: (_ done: Int, _ all: Int) -> Void) -> [Diagnostic] {
    let kit: KitFile
    do { kit = try KitFile(path: path) } catch { return [Diagnostic("kit", .error, "\(error)")] }
    return content(kit, progress: progress) + [trust(kit)]
  }

  /// Checks the clips and the release of an open kit.
  func content(_ kit: KitFile, progress: (_ done: Int, _ all: Int) -> Void) -> [Diagnostic] {
    let name = "\(kit.manifest.name) \(kit.manifest.version)"
    let faults = kit.faults(progress: progress)
    let whole =
      faults.isEmpty
      ? [
        Diagnostic(
          "kit", .note,
          "\(name): \(counted(kit.clipCount, "clip")) in \(counted(kit.bundles.count, "language")), all as signed")
      ]
      : faults.map { Diagnostic("kit", .error, "\($0)") }
    return whole + [draft(kit, name)]
  }

  private func draft(_ kit: KitFile, _ name: String) -> Diagnostic {
    if !kit.manifest.draft { return Diagnostic("kit release", .note, "\(name): released") }
    if isField {
      return Diagnostic(
        "kit release", .error, "\(name): a DRAFT, which a board for field use refuses",
        remedy: "install a kit that was built with --release")
    }
    if subject.allowDraft {
      return Diagnostic("kit release", .warning, "\(name): a DRAFT: for trials, not for listeners")
    }
    return Diagnostic(
      "kit release", .error, "\(name): a DRAFT, which is refused without --allow-draft",
      remedy: "give --allow-draft to try it, or install a released kit")
  }

  private func trust(_ kit: KitFile) -> Diagnostic {
    let trusted: TrustedKeys
    do { trusted = try subject.trust.map { try TrustedKeys(reading: $0) } ?? TrustedKeys([]) } catch {
      return Diagnostic("trust", .error, "\(error)", remedy: "put the publisher's .pub file there again")
    }
    do throws(KitError) {
      let signer = try kit.signer(trustedBy: trusted)
      return Diagnostic("trust", .note, "signed by \(signer.key) (\(signer.comment))")
    } catch {
      if error.isUntrusted, !isField, subject.allowUntrusted {
        return Diagnostic("trust", .warning, "no trusted key signed it; it plays because of --allow-untrusted")
      }
      return Diagnostic("trust", .error, "\(error)")
    }
  }
}
