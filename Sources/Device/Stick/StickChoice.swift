import Encoding
import Kit
import Store

/// Which kit of a stick is installed. A pure decision: the kits are open already.
public enum StickChoice: Equatable, Sendable {
  /// A kit of the stick, and what the store's rules say about it.
  public struct Candidate: Sendable {
    /// The file.
    public var item: StickListing.Item
    /// The entry that it would have in the store, or why it is refused.
    public var admission: Result<StoreState.Installed, StoreError>

    /// Examines a kit.
    public init(_ item: StickListing.Item, _ kit: KitFile, for state: StoreState) {
      self.item = item
      do throws(StoreError) { admission = .success(try state.admit(kit)) } catch { admission = .failure(error) }
    }

    /// Creates the candidate of a file that is no kit.
    public init(_ item: StickListing.Item, _ error: StoreError) {
      self.item = item
      admission = .failure(error)
    }
  }

  /// There is no kit.
  case none
  /// This one is installed: the newest that the store's rules accept.
  case install(StickListing.Item)
  /// The newest one is the active kit already.
  case present(String)
  /// Every kit is refused.
  case refused([StoreError])
  /// Several kits with different names or contents are possible, and none of them updates the active one.
  case ambiguous([String])

  /// Chooses among the kits of a stick. A kit with the active one's name comes before all others.
  ///
  /// - Parameter state: the store's state, with the recalls and rotations of the stick applied.
  public init(_ candidates: [Candidate], _ state: StoreState) {
    let admitted = candidates.compactMap { candidate -> (StickListing.Item, StoreState.Installed)? in
      guard case .success(let entry) = candidate.admission else { return nil }
      return (candidate.item, entry)
    }
    if candidates.isEmpty {
      self = .none
      return
    }
    if admitted.isEmpty {
      self = .refused(candidates.compactMap { if case .failure(let error) = $0.admission { error } else { nil } })
      return
    }
    let active = state.active.flatMap(state.kit(named:))
    let same = admitted.filter { $0.1.name == active?.name }
    let chosen = same.isEmpty ? admitted : same
    let newest = chosen.filter { one in !chosen.contains { VersionOrder(one.1.version) < VersionOrder($0.1.version) } }
    if Set(chosen.map(\.1.name)).count > 1 || Set(newest.map(\.1.sha256)).count > 1 {
      let names = Set((Set(chosen.map(\.1.name)).count > 1 ? chosen : newest).map { "\($0.1.name) \($0.1.version)" })
      self = .ambiguous(names.sorted())
      return
    }
    self =
      newest[0].1.sha256 == active?.sha256
      ? .present("\(newest[0].1.name) \(newest[0].1.version)") : .install(newest[0].0)
  }

  /// Returns whether a list or rotation was applied before, exactly as it is. Its signature is not verified.
  ///
  /// - Parameter document: the bytes of the list or rotation.
  public static func isKnown(_ document: [UInt8], to state: StoreState) -> Bool {
    switch Documents.format(of: document) {
    case KeyRotation.format:
      guard let rotation = try? Documents.decode(KeyRotation.self, from: document) else { return false }
      return state.rotations.contains {
        $0.new == rotation.new && PublicKey(base64: $0.old)?.id.description == rotation.old
      }
    case RecallList.format:
      guard let list = try? Documents.decode(RecallList.self, from: document) else { return false }
      return state.recalls.values.contains(list)
    default: return false
    }
  }
}
