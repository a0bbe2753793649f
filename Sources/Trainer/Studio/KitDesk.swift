import Encoding
import Kit
import Posix
import Synchronization
import Web

/// What the studio remembers of kits while it runs: the last build of each project, and public keys. No secret key stays.
final class KitDesk: Sendable {
  private struct State {
    var builds: [String: BuildView] = [:]
    /// Of those who signed or verified something since the program started.
    var keys: [PublicKey] = []
    /// What is known of each file, with its stamp.
    var kits: [String: (stamp: String, view: KitView)] = [:]
  }

  private let state = Mutex(State())
  /// Opening a key takes up to 1 GiB, so that one is opened at a time.
  private let turn = Mutex(())
  /// The maximum number of remembered keys and files.
  private static let limit = 200

  /// Opens a secret key.
  ///
  /// - Parameters:
  ///   - text: the content of the key file.
  ///   - passphrase: of an encrypted key.
  func openKey(_ text: String, passphrase: String?) throws(Refusal) -> SecretKey {
    SecretText.leaveNoCore()
    return try turn.withLock { (_) throws(Refusal) -> SecretKey in
      var content = Array(text.utf8)
      defer { SecretText.wipe(&content) }
      do throws(KeyError) {
        return try SecretKey(content: content, named: "the key") { _ in passphrase.map { Array($0.utf8) } }
      } catch {
        if case .noPassphrase = error {
          throw Refusal(422, "passphrase", "the key has a passphrase", "enter it; it is not kept")
        }
        throw Refusal(422, "refused", "\(error)", "choose the .key file again, and enter its passphrase")
      }
    }
  }

  /// Makes a pair of keys, which the program does not keep.
  func makeKeys(passphrase: String) throws(Refusal) -> KeyPairView {
    SecretText.leaveNoCore()
    return try turn.withLock { (_) throws(Refusal) -> KeyPairView in
      do throws(KeyError) {
        let key = try SecretKey.generate()
        var secret = try key.content(named: "the key", passphrase: Array(passphrase.utf8))
        defer { SecretText.wipe(&secret) }
        return KeyPairView(
          id: key.publicKey.id.description, secret: String(decoding: secret, as: UTF8.self),
          publicKey: String(decoding: key.publicKey.file, as: UTF8.self))
      } catch { throw Refusal(422, "refused", "\(error)", "try again") }
    }
  }

  /// Remembers a public key, by which kits are verified.
  func remember(_ key: PublicKey) {
    state.withLock { state in
      state.keys.removeAll { $0 == key }
      state.keys.append(key)
      if state.keys.count > Self.limit { state.keys.removeFirst() }
    }
  }

  /// The public keys that are remembered.
  var keys: [PublicKey] { state.withLock { $0.keys } }

  /// Keeps the outcome of a build.
  func keep(_ build: BuildView, project: String) { state.withLock { $0.builds[project] = build } }

  /// Returns the outcome of the last build since the program started; nil if there was none.
  func build(project: String) -> BuildView? { state.withLock { $0.builds[project] } }

  /// Returns what is known of the kits of a project, the newest first.
  func views(of shelf: KitShelf) -> [KitView] {
    shelf.names.compactMap { name -> KitView? in
      let path = shelf.directory.appending(name).string
      guard let stamp = FileStamp.of(path) else { return nil }
      if let known = state.withLock({ $0.kits[path] }), known.stamp == stamp { return known.view }
      guard let view = KitView(name, path: path) else { return nil }
      state.withLock { state in
        if state.kits.count > Self.limit { state.kits = [:] }
        state.kits[path] = (stamp, view)
      }
      return view
    }.sorted { ($0.written, $0.file) > ($1.written, $1.file) }
  }
}
