import Diagnostics
import Kit
import Posix

/// The public keys of a project's reviewers, in its directory `reviewers`. Approvals that are signed by one of them are
/// proved.
public enum ReviewerKeys {
  /// Writes a reviewer's key into the directory. The caller holds the project's lock, and vouches that the key is that
  /// person's.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - project: the project's directory.
  /// - Returns: the path of the key, and whether it was there already.
  /// - Throws: ``DiagnosticsError`` if another key has the same number, or if the file cannot be written.
  public static func add(
    _ key: PublicKey, to project: String
  ) throws(DiagnosticsError) -> (path: String, isKnown: Bool) {
    let directory = Path(project == "." ? "" : project).appending(Approvals.reviewers)
    let path = directory.appending("\(key.id).pub").string
    if Files.exists(path) {
      if (try? PublicKey(reading: path)) == key { return (path, true) }
      // An id is short enough to be made on purpose.
      throw DiagnosticsError(
        path: path, message: "holds another key of this number", remedy: "trust neither; make a new pair of keys")
    }
    do throws(SystemError) {
      try ProjectDirectory(project).refuseLinks(in: [Approvals.reviewers])
      try Files.makeDirectory(directory)
    } catch {
      throw DiagnosticsError(
        path: directory.string, message: "cannot be used: \(error.cause)", remedy: "look at the directory")
    }
    do throws(KeyError) { try key.write(to: path) } catch {
      throw DiagnosticsError(path: path, message: "cannot be written: \(error)", remedy: "look at the directory")
    }
    return (path, false)
  }
}
