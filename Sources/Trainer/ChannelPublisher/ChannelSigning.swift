import Channel
import Encoding
import Kit
import Posix

extension ChannelFolder {
  /// A signature that was made, and how many more the role needs.
  public struct Signed: Equatable, Sendable {
    /// The role.
    public let role: String
    /// The version of its draft.
    public let version: Int
    /// How many signatures are missing now.
    public let lacking: Int
  }

  /// Signs with a key all drafts that it may sign.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - name: its name, for errors.
  ///   - only: the role to sign; nil for all.
  /// - Throws: `.uselessKey` if no draft waits for this key.
  public func sign(with key: SecretKey, named name: String, only: String? = nil) throws -> [Signed] {
    var done: [Signed] = []
    let id = key.channelID
    func isAsked(_ role: String) -> Bool {
      (only == nil || only == role) && state.authorities(of: role).contains { $0.role.keyIDs.contains(id) }
    }
    if var draft = state.draftRoot, isAsked("root") {
      draft.add(signature: key.rawSignature(of: draft.canonical), by: id)
      try write(draft: draft)
      done.append(Signed(role: "root", version: draft.role.version, lacking: state.progress(of: "root")?.lacking ?? 0))
    }
    for (role, draft) in state.drafts.sorted(by: { $0.key < $1.key }) where isAsked(role) {
      var draft = draft
      draft.add(signature: key.rawSignature(of: draft.canonical), by: id)
      try write(draft: draft, of: role)
      done.append(Signed(role: role, version: draft.role.version, lacking: state.progress(of: role)?.lacking ?? 0))
    }
    if done.isEmpty { throw PublisherError.uselessKey(name) }
    return done
  }

  /// A secret key, and the name by which people know it.
  public struct Signer: Sendable {
    /// The name of its file, without `.key`.
    public let name: String
    /// The key.
    public let key: SecretKey

    /// Creates a signer.
    public init(name: String, key: SecretKey) { (self.name, self.key) = (name, key) }
  }

  /// What signing with several keys did.
  public struct Outcome: Sendable {
    /// The signatures, each with the name of its key.
    public var signed: [(name: String, signature: Signed)] = []
    /// The metadata that was published: `targets 5`; empty if nothing was.
    public var published: [String] = []
    /// Why nothing was published although it is complete; nil if it was, or if signatures are missing.
    public var failure: PublisherError?
  }

  /// Signs with keys all drafts that they may sign, and publishes what is complete.
  ///
  /// - Parameters:
  ///   - signers: the keys; those of snapshot and timestamp sign what is published.
  ///   - only: the role to sign; nil for all.
  ///   - now: the time.
  /// - Throws: `.uselessKey` if no draft waits for any of the keys, and the last of them that is not one of snapshot or
  ///   timestamp is named.
  public func sign(with signers: [Signer], only: String? = nil, now: WallTime) throws -> Outcome {
    var outcome = Outcome()
    var useless: PublisherError?
    for signer in signers {
      do {
        for signed in try sign(with: signer.key, named: signer.name, only: only) {
          outcome.signed.append((signer.name, signed))
        }
      } catch let error as PublisherError {
        guard case .uselessKey = error else { throw error }
        // A key of snapshot and timestamp signs when something is published.
        if !isOnline(signer.key) { useless = error }
      }
    }
    if outcome.signed.isEmpty, let useless { throw useless }
    do { outcome.published = try publish(signedBy: signers.map(\.key), now: now).published } catch let error
      as PublisherError
    {
      switch error {
      case .keysMissing, .unsigned: break
      default: outcome.failure = error
      }
    }
    return outcome
  }
}
