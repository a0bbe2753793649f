import Kit

extension Store {
  /// A store's state at one moment, and what it means for the kits.
  public struct Snapshot: Sendable {
    private let store: Store
    /// The state.
    public let state: StoreState

    /// Creates a snapshot of a store with this state.
    init(_ store: Store, _ state: StoreState) { (self.store, self.state) = (store, state) }

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
    /// - Parameter acceptsDrafts: whether the device plays draft kits.
    public func choose(acceptsDrafts: Bool) throws(StoreError) -> Choice {
      let first = [state.active, state.previous].compactMap { $0 }
      let others = state.kits.map(\.file).filter { !first.contains($0) }.reversed()
      var passedOver: [StoreError] = []
      for file in first + others {
        do throws(StoreError) {
          let (kit, signer) = try store.open(file, state)
          if kit.manifest.draft && !acceptsDrafts { throw .unacceptedDraft(path: kit.path) }
          return Choice(kit: kit, signer: signer, recalledClips: state.recalledClips, passedOver: passedOver)
        } catch { passedOver.append(error) }
      }
      throw .nothing(path: store.path, passedOver)
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
