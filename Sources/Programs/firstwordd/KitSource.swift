import Board
import Kit
import Posix
import Store

/// Where the kit comes from, and what this board requires of it: trust comes before sound.
struct KitSource: Sendable {
  /// Where the kit comes from.
  enum Place: Sendable {
    /// A kit file, and the trusted keys.
    case file(String, trust: String?)
    /// The device's store, which has its own keys.
    case store(Store)
  }

  let place: Place
  let board: Board
  let allowDraft: Bool
  let allowUntrusted: Bool

  init(_ options: Firstwordd, _ board: Board) {
    place = options.store.map { .store(Store($0)) } ?? .file(options.kit ?? "", trust: options.trust)
    self.board = board
    allowDraft = options.allowDraft
    allowUntrusted = options.allowUntrusted
  }

  /// Reads and verifies the kit that should be played now.
  ///
  /// - Throws: Why it cannot be read, or may not be played.
  func admit() throws(StartFailure) -> PlayableKit {
    switch place {
    case .file(let path, let trust):
      let kit: KitFile
      do throws(KitError) { kit = try KitFile(path: path) } catch { throw .unread(error, path) }
      let playable = PlayableKit(kit, signer: try signer(of: kit, trust))
      try admitDraft(kit)
      return playable
    case .store(let store):
      let choice: Store.Choice
      do throws(StoreError) { choice = try store.choose() } catch {
        switch error {
        case .nothing: throw .refused("\(error)")
        case .damaged: throw .data(error)
        default: throw .input(error)
        }
      }
      for why in choice.passedOver { say("passed over: \(why)") }
      try admitDraft(choice.kit)
      return PlayableKit(choice.kit, signer: choice.signer.key, recalledClips: choice.recalledClips)
    }
  }

  private var fieldRule: String {
    board.use == .field ? "; board \(board.name) is for field use and ignores the --allow options" : ""
  }

  private func signer(of kit: KitFile, _ trust: String?) throws(StartFailure) -> KeyID? {
    let trusted: TrustedKeys
    do throws(KeyError) { trusted = try trust.map(TrustedKeys.init(reading:)) ?? TrustedKeys([]) } catch {
      throw .input(error)
    }
    do throws(KitError) { return try kit.signer(trustedBy: trusted).key } catch {
      if !error.isUntrusted { throw .data(error) }
      if board.use == .field || !allowUntrusted { throw .refused("\(error)\(fieldRule)") }
      say("\(kit.path): no trusted key signed this kit; it is played because of --allow-untrusted")
      return nil
    }
  }

  private func admitDraft(_ kit: KitFile) throws(StartFailure) {
    if !kit.manifest.draft { return }
    if board.use == .field || !allowDraft {
      throw .refused(
        "\(kit.path): this kit is a DRAFT and is not played; build it with --release, "
          + "or try it on a trial board with --allow-draft\(fieldRule)")
    }
    say("\(kit.path): DRAFT kit, for trials only")
  }
}
