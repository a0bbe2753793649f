import Board
import Changeover
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

  /// What a search found.
  struct Report: Sendable {
    /// The kit to play, or why there is none.
    var kit: Result<PlayableKit, StartFailure>
    /// Why other kits, which come before it in the store, are not played.
    var passedOver: [StoreError] = []
    /// Why the store's state is read from its copy, or not at all; nil if it is whole.
    var fault: StoreError?
    /// The kits of the store that an operator has turned away from.
    var heldBack: [StoreState.HeldBack] = []
    /// Whether a kit that is played may still be.
    var permits: @Sendable (PlayableKit) -> Bool = { _ in true }

    /// What the search means for a device that plays `current`.
    func finding(for current: PlayableKit) -> Changeover<PlayableKit>.Finding {
      switch kit {
      case .success(let kit):
        let stays = kit.identity == current.identity || permits(current)
        return .offered(kit, current: stays ? .permitted : .withdrawn)
      case .failure(let failure):
        if !failure.isRefusal { return .unread }
        return .refused(current: permits(current) ? .permitted : .withdrawn)
      }
    }
  }

  let place: Place
  let board: Board
  let allowDraft: Bool
  let allowUntrusted: Bool
  /// Where fallbacks are recorded; nil for nowhere.
  private let fallbacks: FallbackRecord?

  init(_ options: Firstwordd, _ board: Board) {
    place = options.store.map { .store(Store($0)) } ?? .file(options.kit ?? "", trust: options.trust)
    self.board = board
    allowDraft = options.allowDraft
    allowUntrusted = options.allowUntrusted
    fallbacks = options.state.map { FallbackRecord($0) }
  }

  /// Whether a DRAFT is played.
  var acceptsDrafts: Bool { board.use != .field && allowDraft }

  /// Reads and verifies the kit that should be played now.
  func search() -> Report {
    switch place {
    case .file(let path, let trust): return search(path, trust)
    case .store(let store):
      let report = search(store)
      record(report)
      return report
    }
  }

  // MARK: The store

  private func search(_ store: Store) -> Report {
    let snapshot: Store.Snapshot
    do throws(StoreError) { snapshot = try store.snapshot() } catch {
      if case .damaged = error { return Report(kit: .failure(.data(error)), fault: error) }
      return Report(kit: .failure(.input(error)))
    }
    var report = Report(kit: .failure(.refused("")))
    report.fault = snapshot.fault
    report.heldBack = snapshot.heldBack
    report.permits = { $0.isPermitted(by: snapshot) }
    do throws(StoreError) {
      let choice = try snapshot.choose(acceptsDrafts: acceptsDrafts, keeping: .playback)
      report.kit = .success(
        PlayableKit(choice.kit, signer: choice.signer.key, recalledClips: choice.recalledClips))
      report.passedOver = choice.passedOver
    } catch {
      report.kit = .failure(.refused("\(error)\(error.isAboutDrafts ? fieldRule : "")"))
    }
    return report
  }

  /// Records what is played instead of the active kit, if anything.
  private func record(_ report: Report) {
    var reasons = report.passedOver.map(\.description) + (report.fault.map { [$0.description] } ?? [])
    var kit: String?
    switch report.kit {
    case .success(let playable): kit = playable.name
    case .failure(let failure): if report.fault == nil { reasons.append(failure.message) }
    }
    do { try fallbacks?.note(kit: kit, reasons: reasons) } catch {
      say("\(error): the fallback is not recorded there; the journal has it")
    }
  }

  // MARK: A file

  private func search(_ path: String, _ trust: String?) -> Report {
    let trusted: TrustedKeys
    do throws(KeyError) { trusted = try trust.map(TrustedKeys.init(reading:)) ?? TrustedKeys([]) } catch {
      return Report(kit: .failure(.input(error)))
    }
    var report = Report(kit: .failure(.refused("")))
    let allowUntrusted = allowUntrusted && board.use != .field
    report.permits = { allowUntrusted || $0.isSigned(by: trusted) }
    do throws(StartFailure) { report.kit = .success(try admit(path, trusted)) } catch { report.kit = .failure(error) }
    return report
  }

  private func admit(_ path: String, _ trusted: TrustedKeys) throws(StartFailure) -> PlayableKit {
    let kit: KitFile
    do throws(KitError) { kit = try KitFile(path: path, keeping: .playback) } catch { throw .unread(error, path) }
    let playable = PlayableKit(kit, signer: try signer(of: kit, trusted))
    try admitDraft(kit)
    return playable
  }

  private var fieldRule: String {
    board.use == .field ? "; board \(board.name) is for field use and ignores the --allow options" : ""
  }

  private func signer(of kit: KitFile, _ trusted: TrustedKeys) throws(StartFailure) -> KeyID? {
    do throws(KitError) { return try kit.signer(trustedBy: trusted).key } catch {
      if !error.isUntrusted { throw .data(error) }
      if board.use == .field || !allowUntrusted { throw .refused("\(error)\(fieldRule)") }
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
  }
}
