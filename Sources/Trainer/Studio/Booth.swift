import Capture
import Glibc
import KitBuilder
import Posix
import Project
import RecordingSession
import Synchronization
import Web

/// An open booth: the recording session of one speaker. Requests of the page and the sound of the microphone drive it.
///
/// Any thread may call it. Its own thread alone uses the microphone. It ends by itself when no page has asked for it
/// for a while, so that no microphone stays open unseen.
final class Booth: Sendable {
  /// Where the sound comes from.
  enum Source: Equatable, Sendable {
    /// A microphone of this machine; the name of its PCM.
    case machine(String)
    /// The browser's microphone; its name.
    case browser(String)
  }

  /// What stays the same while the booth is open.
  struct Setting: Sendable {
    /// The booth's id.
    var id: String
    /// The project.
    var store: ProjectStore
    /// The tag of the language.
    var language: String
    /// The voice and its speaker.
    var voice: SpeakerVoice
    /// Where the sound comes from.
    var source: Source
    /// The sample rate in Hz.
    var rate: Int
    /// Where clips are kept.
    var cache: BuildCache?
  }

  private struct State {
    var session: RecordingSession
    var files: TakeFiles
    var snapshot: ProjectSnapshot
    /// The clips that the pages may still play, by their numbers.
    var clips: [Int: [UInt8]] = [:]
    var number = 0
    /// The number of the clip that plays.
    var playing: Int?
    /// Why the microphone is lost, with a remedy.
    var loss: CaptureError?
    /// When a page asked last.
    var seen = Monotonic.now
    /// What the pages know.
    var known: BoothFace?
    /// Counts what was reported: a page ignores an older state that arrives later.
    var serial = 0
    var levelSent = Monotonic(nanoseconds: 0)
  }

  let setting: Setting
  private let events: EventHub
  /// Called after a recording was kept.
  private let onKeep: @Sendable () -> Void
  private let wake: Wake
  private let state: Mutex<State>

  /// The time after which a booth that no page asks for ends, in milliseconds. Pages ask every five seconds.
  private static let patience = 30_000
  /// Milliseconds between two reads of a microphone that wakes nobody.
  private static let readInterval = 20
  /// Milliseconds between two events with the level.
  private static let levelInterval = 50
  /// How many clips can still be played.
  private static let clipsHeld = 4

  /// Opens a booth.
  ///
  /// - Parameters:
  ///   - session: the configuration of the session.
  ///   - snapshot: the project as it is now.
  ///   - onKeep: called after a recording was kept; any thread may call it.
  init(
    _ setting: Setting, session: RecordingSession.Configuration, snapshot: ProjectSnapshot, events: EventHub,
    onKeep: @escaping @Sendable () -> Void
  ) throws(SystemError) {
    let wake = try Wake()
    self.wake = wake
    self.setting = setting
    self.events = events
    self.onKeep = onKeep
    state = Mutex(
      State(
        session: RecordingSession(session, bits: 24, at: .now), files: Self.files(setting, snapshot),
        snapshot: snapshot))
  }

  /// Starts the booth's thread.
  func start() throws(SystemError) { try Thread("booth") { self.run() }.detach() }

  /// The project's files of a voice.
  static func files(_ setting: Setting, _ snapshot: ProjectSnapshot) -> TakeFiles {
    TakeFiles(
      ClipPipeline(snapshot.workspace, cache: setting.cache), language: setting.language, voice: setting.voice.name,
      rate: setting.rate, keepsTakes: true)
  }

  /// Returns the ids of the items whose recording nobody needs to make again.
  static func recorded(_ setting: Setting, _ items: [ReviewItem], _ snapshot: ProjectSnapshot) -> Set<String> {
    let recorded = files(setting, snapshot).recordedPrompts(of: items)
    let returned = items.filter { item in
      item.takes.contains { take in
        take.voice == setting.voice.name
          && !OpenNote.all(on: take, setting.store.hashes, snapshot.workspace).isEmpty
      }
    }
    return recorded.subtracting(returned.map(\.prompt.id))
  }

  // MARK: - Requests

  /// Whether the session is over.
  var isEnded: Bool { state.withLock { $0.session.isEnded } }

  /// The state for the page. A page has asked.
  var view: BoothView {
    state.withLock { state in
      state.seen = .now
      return view(state)
    }
  }

  /// Gives a command of the person.
  func command(_ command: RecordingSession.Command) -> BoothView {
    _ = handle(.command(command))
    if isEnded { wake.signal() }
    return view
  }

  /// Hands over what happened at the page.
  func report(_ event: RecordingSession.Event) -> BoothView {
    _ = handle(event)
    return view
  }

  /// Returns whether the session waits for a take of an item from the page.
  func awaitsTake(of item: String) -> Bool {
    state.withLock { $0.session.phase == .recording && $0.session.item.prompt.id == item }
  }

  /// Opens an earlier take of the current message.
  ///
  /// - Parameter name: the name of its file.
  /// - Returns: nil if there is none.
  func choose(take name: String) -> BoothView? {
    let found = state.withLock { state -> (TakeFiles, Take, ReviewItem)? in
      let item = state.session.item
      guard let take = state.files.otherTakes(of: item).first(where: { Path($0.path).lastComponent == name }) else {
        return nil
      }
      return (state.files, take, item)
    }
    guard let (files, take, item) = found else { return nil }
    // Its check takes a while; the microphone is read meanwhile.
    let event = files.choose(take, of: item)
    let isSame = state.withLock { $0.session.item.prompt.id == item.prompt.id }
    return isSame ? report(event) : view
  }

  /// Goes to an item.
  ///
  /// - Returns: nil if there is none.
  func choose(item id: String) -> BoothView? {
    let index = state.withLock { state in state.session.configuration.items.firstIndex { $0.prompt.id == id } }
    return index.map { report(.itemChosen($0)) }
  }

  /// Takes over the words and recordings of the project as they are now.
  func refresh(_ snapshot: ProjectSnapshot) {
    let isOld = state.withLock { $0.snapshot.version != snapshot.version }
    guard isOld, let language = snapshot.workspace.catalogue.language(setting.language) else { return }
    let items = snapshot.workspace.items(of: language)
    let recorded = Self.recorded(setting, items, snapshot)
    state.withLock { state in
      state.snapshot = snapshot
      state.files = Self.files(setting, snapshot)
      state.known = nil
    }
    _ = handle(.itemsChanged(items, recorded: recorded))
  }

  /// Returns a clip that was played lately.
  func clip(_ number: Int) -> [UInt8]? { state.withLock { $0.clips[number] } }

  /// Ends the session; a take that is recorded is dropped, and all others stay.
  func end() {
    _ = handle(.command(.quitNow))
    wake.signal()
  }

  // MARK: - The session

  /// Handles an event, and carries out what follows.
  ///
  /// - Returns: whether the microphone is to be opened.
  private func handle(_ event: RecordingSession.Event) -> Bool {
    var (opens, isKept) = (false, false)
    state.withLock { state in
      var queue = [event]
      while !queue.isEmpty {
        for effect in state.session.handle(queue.removeFirst(), at: .now) {
          switch effect {
          case .openMicrophone: opens = true
          case .play(let clip): play(clip, &state)
          case .stopPlayback: state.playing = nil
          case .writeTake, .keepTake, .dropTake, .loadRecording:
            // The check of a take lasts long enough to be announced.
            if case .writeTake = effect { announce(&state) }
            guard let result = state.files.perform(effect) else { continue }
            if case .takeKept = result { isKept = true }
            queue.append(result)
          }
        }
      }
      announce(&state)
    }
    if isKept { onKeep() }
    return opens
  }

  private func play(_ clip: [UInt8], _ state: inout State) {
    state.number += 1
    state.clips[state.number] = clip
    state.clips[state.number - Self.clipsHeld] = nil
    state.playing = state.number
  }

  /// Reports the state to the pages, if they know another one.
  private func announce(_ state: inout State) {
    let face = BoothFace(state.session, playing: state.playing, loss: state.loss)
    if face == state.known { return }
    state.known = face
    state.serial += 1
    events.publish("booth", view(state))
  }

  private func view(_ state: State) -> BoothView {
    BoothView(
      setting, state.session, state.snapshot, state.files, serial: state.serial, playing: state.playing,
      loss: state.loss)
  }

  // MARK: - The thread

  private func run() {
    var microphone: Microphone?
    var pcm: String?
    if case .machine(let name) = setting.source { pcm = name }
    if let pcm, !isEnded { microphone = open(pcm) }
    while true {
      var poll = Poll()
      _ = poll.add(wake.descriptor, events: POLLIN)
      microphone?.add(to: &poll)
      try? poll.wait(until: .now.adding(milliseconds: pcm == nil ? 1_000 : Self.readInterval))
      wake.clear()
      let (isEnded, isForgotten) = state.withLock { state in
        (state.session.isEnded, Monotonic.now > state.seen.adding(milliseconds: Self.patience))
      }
      if isEnded { return }
      if isForgotten { return end() }
      guard let pcm else { continue }
      if let opened = microphone {
        if !read(opened, poll) { microphone = nil }
      } else if handle(.tick) {
        microphone = open(pcm)
      }
      sendLevel()
    }
  }

  private func open(_ pcm: String) -> Microphone? {
    do throws(CaptureError) {
      let microphone = try Microphone(device: pcm)
      lose(nil)
      _ = handle(.microphoneOpened(bits: microphone.bits))
      return microphone
    } catch {
      lose(error)
      _ = handle(.microphoneLost(cause: error.cause))
      return nil
    }
  }

  /// Reads the microphone; returns false if it is lost.
  private func read(_ microphone: Microphone, _ poll: Poll) -> Bool {
    do throws(CaptureError) {
      let sound = try microphone.read(after: poll)
      _ = handle(.audio(sound.samples, isTorn: sound.isTorn))
      return true
    } catch {
      lose(error)
      _ = handle(.microphoneLost(cause: error.cause))
      return false
    }
  }

  private func lose(_ error: CaptureError?) { state.withLock { $0.loss = error } }

  private func sendLevel() {
    let level = state.withLock { state -> BoothLevel? in
      if Monotonic.now < state.levelSent.adding(milliseconds: Self.levelInterval) { return nil }
      state.levelSent = .now
      return BoothLevel(setting.id, state.session)
    }
    if let level { events.publish("level", level) }
  }
}

/// The booth of the program: at most one is open.
final class BoothDesk: Sendable {
  private struct State {
    var booth: Booth?
    var number = 0
  }

  private let state = Mutex(State())

  /// The booth that is open.
  var open: Booth? {
    state.withLock { state in state.booth.flatMap { $0.isEnded ? nil : $0 } }
  }

  /// Opens a booth, if none is open.
  ///
  /// - Parameter make: makes the booth with an id.
  /// - Returns: the booth, and whether it is a new one.
  func enter(_ make: (String) throws(Refusal) -> Booth) throws(Refusal) -> (booth: Booth, isNew: Bool) {
    try state.withLock { (state) throws(Refusal) -> (Booth, Bool) in
      if let booth = state.booth, !booth.isEnded { return (booth, false) }
      state.number += 1
      let booth = try make("\(state.number)")
      // Everything may be recorded already.
      state.booth = booth
      return (booth, true)
    }
  }

  /// Returns the booth with an id, also after its end, until another one is opened.
  func booth(_ id: String, project: String) throws(Refusal) -> Booth {
    guard let booth = state.withLock({ $0.booth }), booth.setting.id == id, booth.setting.store.id == project else {
      throw Refusal(404, "not-found", "this booth is closed", "open it again: what was recorded is kept")
    }
    return booth
  }
}
