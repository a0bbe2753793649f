import Board
import Kit
import Posix
import Store
import Synchronization

/// Where the kit comes from, and what this board asks of it. Trust comes before sound.
struct KitSource: Sendable {
  enum Place: Sendable {
    case file(String, trust: String?)
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

  /// The kit that is to be played now.
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

  private var honoured: String {
    board.use == .field ? "; board \(board.name) is for field use and honours no --allow option" : ""
  }

  private func signer(of kit: KitFile, _ trust: String?) throws(StartFailure) -> KeyID? {
    let trusted: TrustedKeys
    do throws(KeyError) { trusted = try trust.map(TrustedKeys.init(reading:)) ?? TrustedKeys([]) } catch {
      throw .input(error)
    }
    do throws(KitError) { return try kit.signer(trustedBy: trusted).key } catch {
      if !error.isUntrusted { throw .data(error) }
      if board.use == .field || !allowUntrusted { throw .refused("\(error)\(honoured)") }
      say("\(kit.path): no trusted key signed this kit; played because of --allow-untrusted")
      return nil
    }
  }

  private func admitDraft(_ kit: KitFile) throws(StartFailure) {
    if !kit.manifest.draft { return }
    if board.use == .field || !allowDraft {
      throw .refused(
        "\(kit.path): this kit is a DRAFT and is not played to anybody; build it with --release, "
          + "or try it on a trial board with --allow-draft\(honoured)")
    }
    say("\(kit.path): DRAFT kit, for trials only")
  }
}

/// Looks for another kit in a thread of its own: to read and verify one takes longer than a press may wait.
final class KitSearch: Sendable {
  private let source: KitSource
  private let wake: Wake
  private let found = Mutex<Result<PlayableKit, StartFailure>?>(nil)
  private let state = Mutex((isUnderWay: false, isWantedAgain: false))

  init(_ source: KitSource) throws(SystemError) {
    self.source = source
    wake = try Wake()
  }

  /// Readable when there is a result.
  var descriptor: CInt { wake.descriptor }

  /// Looks once more, also where it is looking now: what it finds then may be old.
  func begin() {
    let isIdle = state.withLock { state in
      let isIdle = !state.isUnderWay
      state = (true, !isIdle)
      return isIdle
    }
    if !isIdle { return }
    do throws(SystemError) { try Thread("kit") { self.run() }.detach() } catch { run() }
  }

  private func run() {
    while true {
      let result: Result<PlayableKit, StartFailure>
      do throws(StartFailure) { result = .success(try source.admit()) } catch { result = .failure(error) }
      found.withLock { $0 = result }
      wake.signal()
      let isDone = state.withLock { state in
        let isDone = !state.isWantedAgain
        state = (!isDone, false)
        return isDone
      }
      if isDone { return }
    }
  }

  /// What was found since the last time.
  func take() -> Result<PlayableKit, StartFailure>? {
    wake.clear()
    return found.withLock { found in
      defer { found = nil }
      return found
    }
  }
}
