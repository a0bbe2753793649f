import Board
import CALSA
import Glibc
import Posix
import Synchronization

/// The thread that opens and closes the card, so that the audio thread never does.
///
/// It notices the loss of an idle card, and retries a missing card until it appears.
final class DeviceMonitor: Sendable {
  /// Milliseconds between two attempts to open a missing card.
  static let retryInterval = 400
  /// Milliseconds of rest after an error, so that a card that keeps failing does not keep a processor busy.
  private static let errorPause = 100

  private let sound: Board.Sound
  private let pointer: SharedPointer
  private let decoder: DecodeThread
  private let isQuitting = Atomic<Bool>(false)
  /// Readable when the thread has ended.
  private let ended: Wake
  /// The requested mixer volume, in hundredths of a dB.
  private let volume: Atomic<Int>

  /// Creates a monitor; `start` starts its thread.
  init(_ sound: Board.Sound, _ shared: SharedPointer, _ decoder: DecodeThread) throws(SystemError) {
    ended = try Wake()
    self.sound = sound
    pointer = shared
    self.decoder = decoder
    volume = Atomic(Self.hundredths(sound.volume.standard))
  }

  private var shared: UnsafeMutablePointer<Shared> { pointer.pointer }

  private static func hundredths(_ decibels: Double) -> Int { Int((decibels * 100).rounded()) }

  /// Starts the thread. It ends after `quit`.
  func start() throws(SystemError) -> Thread { try Thread("device") { self.run() } }

  /// Requests a mixer volume in dB. Returns at once.
  func setVolume(_ decibels: Double) {
    volume.store(Self.hundredths(decibels), ordering: .relaxed)
    shared.pointee.monitorWake.signal()
  }

  /// Ends the thread, which closes the card. Returns at once.
  func quit() {
    isQuitting.store(true, ordering: .releasing)
    shared.pointee.monitorWake.signal()
  }

  /// Waits until the thread has ended.
  ///
  /// - Returns: false where it has not after so many milliseconds, as a driver or a plugin hangs.
  func hasEnded(within milliseconds: Int) -> Bool {
    var poll = Poll()
    let place = poll.add(ended.descriptor, events: POLLIN)
    try? poll.wait(until: .now.adding(milliseconds: milliseconds))
    return poll.answer(place) != 0
  }

  private func run() {
    var card: UnsafeMutablePointer<ALSACard>?
    /// The last reported reason for a missing card; 0 for none.
    var reported: CInt = 0
    /// The volume that the mixer was last set to.
    var mixed: Int?
    while !isQuitting.load(ordering: .acquiring) {
      if card == nil {
        // libasound explains failures on standard error: useful once, noise at each attempt.
        let handler = reported == 0 ? nil : fw_alsa_discard_errors()
        // A plugin may hang in here: the decode thread watches.
        shared.pointee.opening.store(Monotonic.now.nanoseconds, ordering: .releasing)
        decoder.expectEvents()
        let result = ALSACard.open(sound)
        shared.pointee.opening.store(0, ordering: .releasing)
        if shared.pointee.isHanging.exchange(false, ordering: .acquiringAndReleasing) { reported = 0 }
        switch result {
        case .success(let opened):
          // Plugins are loaded with the card: the first stop must not wait for their code.
          Memory.touchLibraries("libasound")
          (card, reported, mixed) = (offer(opened), 0, nil)
        case .failure(let failure):
          if failure.code != reported {
            decoder.post(PlaybackEvent(.lost, time: Monotonic.now.nanoseconds, code: failure.code))
          }
          reported = failure.code
        }
        if let handler { fw_alsa_restore_errors(handler) }
      }
      if let mixer = sound.mixer, card != nil, mixed != volume.load(ordering: .relaxed) {
        let wanted = volume.load(ordering: .relaxed)
        shared.pointee.mixerCode.store(-ALSAMixer.set(mixer, hundredths: wanted), ordering: .relaxed)
        mixed = wanted
      }
      if !shared.pointee.hasTriedCard.exchange(true, ordering: .acquiringAndReleasing) { shared.pointee.wake.signal() }
      if wait(for: card) { reportSuspect() }
      if let spent = shared.pointee.cards.returned.exchange(nil, ordering: .acquiring) {
        close(spent)
        card = nil
        // Backs off before reopening: a card that keeps failing must not keep a processor busy.
        pause(Self.retryInterval)
      }
    }
    if let offered = shared.pointee.cards.offered.exchange(nil, ordering: .acquiring) { close(offered) }
    if let spent = shared.pointee.cards.returned.exchange(nil, ordering: .acquiring) { close(spent) }
    ended.signal()
  }

  /// Hands a card to the audio thread. The monitor closes it after the audio thread has returned it.
  private func offer(_ card: ALSACard) -> UnsafeMutablePointer<ALSACard> {
    let pointer = UnsafeMutablePointer<ALSACard>.allocate(capacity: 1)
    pointer.initialize(to: card)
    // Counted like a command: the decode thread collects the events that follow.
    shared.pointee.sent.add(1, ordering: .acquiringAndReleasing)
    shared.pointee.cards.offered.store(pointer, ordering: .releasing)
    shared.pointee.wake.signal()
    decoder.expectEvents()
    return pointer
  }

  private func close(_ card: UnsafeMutablePointer<ALSACard>) {
    card.pointee.close()
    card.deallocate()
  }

  /// Waits for a signal: without a card until the next attempt, with a card for as long as it has no error.
  ///
  /// - Returns: true where the card has an error.
  private func wait(for card: UnsafeMutablePointer<ALSACard>?) -> Bool {
    var poll = Poll()
    _ = poll.add(shared.pointee.monitorWake.descriptor, events: POLLIN)
    // With no events requested, poll reports only errors, and not the room for which the audio thread waits.
    let places = card?.pointee.descriptors.map { poll.add($0.fd, events: 0) } ?? []
    try? poll.wait(until: card == nil ? Monotonic.now.adding(milliseconds: Self.retryInterval) : nil)
    shared.pointee.monitorWake.clear()
    return places.contains { poll.answer($0) != 0 }
  }

  /// Makes the audio thread inspect the card, and gives it time to do so.
  private func reportSuspect() {
    if !shared.pointee.isCardSuspect.exchange(true, ordering: .acquiringAndReleasing) {
      shared.pointee.sent.add(1, ordering: .acquiringAndReleasing)
    }
    shared.pointee.wake.signal()
    decoder.expectEvents()
    pause(Self.errorPause)
  }

  private func pause(_ milliseconds: Int) {
    let deadline = Monotonic.now.adding(milliseconds: milliseconds)
    while !isQuitting.load(ordering: .acquiring), Monotonic.now < deadline {
      var poll = Poll()
      _ = poll.add(shared.pointee.monitorWake.descriptor, events: POLLIN)
      try? poll.wait(until: deadline)
      shared.pointee.monitorWake.clear()
    }
  }
}
