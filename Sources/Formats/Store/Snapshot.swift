import Kit
import Posix

extension Store {
  /// A store's state at one moment, and what it means for the kits.
  public struct Snapshot: Sendable {
    private let store: Store
    /// The state.
    public let state: StoreState

    /// Why `store.json` was not read, and the copy was; nil if all is well.
    public let fault: StoreError?

    /// Creates a snapshot of a store with this state.
    init(_ store: Store, _ state: StoreState, fault: StoreError?) {
      (self.store, self.state, self.fault) = (store, state, fault)
    }

    /// The kit to play.
    public struct Choice: Sendable {
      /// The open kit; its signatures are verified.
      public let kit: KitFile
      /// The trusted key that signed it.
      public let signer: KitFile.Signer
      /// The SHA-256 of clips that must not be played any more.
      public let recalledClips: Set<String>
      /// Why the active kit, and others, were skipped; empty if the active kit is played.
      public let passedOver: [StoreError]
    }

    /// Chooses the kit to play: the active one; if that is untrusted, unreadable, recalled or a draft that is not
    /// accepted, the previous one, then the others, the newest first. Clips are hashed when they are played.
    ///
    /// - Parameters:
    ///   - acceptsDrafts: whether the device plays draft kits.
    ///   - detail: what stays in memory of the kit's manifests.
    public func choose(acceptsDrafts: Bool, keeping detail: KitFile.Detail = .all) throws(StoreError) -> Choice {
      let first = [state.active, state.previous].compactMap { $0 }
      let others = state.kits.map(\.file).filter { !first.contains($0) }.reversed()
      var passedOver: [StoreError] = []
      let kits = try store.kits()
      for file in first + others {
        do throws(StoreError) {
          let (kit, signer) = try store.open(file, state, in: kits, keeping: detail)
          if kit.manifest.draft && !acceptsDrafts { throw .unacceptedDraft(path: kit.path) }
          return Choice(kit: kit, signer: signer, recalledClips: state.recalledClips(of: kit), passedOver: passedOver)
        } catch { passedOver.append(error) }
      }
      throw .nothing(path: store.path, passedOver)
    }

    /// The kit that is played, also a draft: the active one unless it is recalled or cannot be read; nil if none can be
    /// played.
    public var played: StoreState.Installed? {
      guard let path = try? choose(acceptsDrafts: true).kit.path else { return nil }
      let file = Path(path).lastComponent
      return state.kits.first { $0.file == file }
    }

    /// The kits that an operator has turned away from and that the spool does not bring back now: none once the active
    /// kit can no longer be played.
    public var heldBack: [StoreState.HeldBack] {
      guard let held = state.heldBack, !held.isEmpty, let active = state.kits.first(where: { $0.file == state.active })
      else { return [] }
      return refusal(of: active) == nil ? held : []
    }

    /// Returns whether the spool does not bring a kit back, because an operator has turned away from it.
    public func holdsBack(name: String, version: String) -> Bool {
      heldBack.contains { $0.name == name && $0.version == version }
    }

    /// Returns why an installed kit cannot be played; nil if it can. Its clips are not read.
    public func refusal(of kit: StoreState.Installed) -> StoreError? {
      do throws(StoreError) {
        _ = try store.open(kit.file, state, in: try store.kits())
        return nil
      } catch { return error }
    }

    /// Returns why a kit, which may be open since long, must not be played any more; nil if it may.
    public func refusal(of kit: KitFile) -> StoreError? {
      do throws(StoreError) {
        _ = try state.signer(of: kit)
        return nil
      } catch { return error }
    }
  }
}
