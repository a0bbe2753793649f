import CALSA
import Glibc
import Posix
import Synchronization

/// The thread that opens the card and closes it, so that the audio thread never has to; that notices when it is
/// pulled out while nothing plays; and that looks for it until it is back.
final class CardKeeper: Sendable {
  /// Between two looks for a card that is gone, in milliseconds.
  static let patience = 400
  /// After an error on the card, so that one that stays does not keep a processor busy.
  private static let pause = 100

  private let configuration: SoundConfiguration
  private let pointer: SharedPointer
  private let feeder: Feeder
  private let quitting = Atomic<Bool>(false)
  /// Wanted of the mixer, in hundredths of a dB.
  private let volume: Atomic<Int>

  init(_ configuration: SoundConfiguration, _ shared: SharedPointer, _ feeder: Feeder) {
    self.configuration = configuration
    pointer = shared
    self.feeder = feeder
    volume = Atomic(Self.hundredths(configuration.volume))
  }

  private var shared: UnsafeMutablePointer<Shared> { pointer.pointer }

  private static func hundredths(_ decibels: Double) -> Int { Int((decibels * 100).rounded()) }

  func start() throws(SystemError) -> Thread { try Thread("keeper") { self.run() } }

  func setVolume(_ decibels: Double) {
    volume.store(Self.hundredths(decibels), ordering: .relaxed)
    shared.pointee.keeperWake.signal()
  }

  func quit() {
    quitting.store(true, ordering: .releasing)
    shared.pointee.keeperWake.signal()
  }

  private func run() {
    var card: UnsafeMutablePointer<ALSACard>?
    /// Why there is no card, as it was told last.
    var told: CInt = 0
    /// What the mixer has been set to.
    var mixed: Int?
    while !quitting.load(ordering: .acquiring) {
      if card == nil {
        // libasound says why on standard error: once is help, twice a second is noise.
        fw_alsa_complaints(told == 0 ? 1 : 0)
        switch ALSACard.open(configuration) {
        case .success(let opened):
          (card, told, mixed) = (offer(opened), 0, nil)
        case .failure(let failure):
          if failure.code != told {
            feeder.tell(PlaybackEvent(.lost, time: Monotonic.now.nanoseconds, code: failure.code))
          }
          told = failure.code
        }
        fw_alsa_complaints(1)
      }
      if let mixer = configuration.mixer, card != nil, mixed != volume.load(ordering: .relaxed) {
        let wanted = volume.load(ordering: .relaxed)
        shared.pointee.mixerCode.store(-ALSAMixer.set(mixer, hundredths: wanted), ordering: .relaxed)
        mixed = wanted
      }
      if !shared.pointee.looked.exchange(true, ordering: .acquiringAndReleasing) { shared.pointee.wake.signal() }
      if watch(card) { suspect() }
      if let spent = shared.pointee.door.returned.exchange(nil, ordering: .acquiring) {
        close(spent)
        card = nil
        // Nothing comes back in an instant, and a card that always breaks must not keep a processor busy.
        rest(Self.patience)
      }
    }
    if let offered = shared.pointee.door.offered.exchange(nil, ordering: .acquiring) { close(offered) }
    if let spent = shared.pointee.door.returned.exchange(nil, ordering: .acquiring) { close(spent) }
  }

  /// Hands it to the audio thread. It stays ours to close, but not before it has come back.
  private func offer(_ card: ALSACard) -> UnsafeMutablePointer<ALSACard> {
    let pointer = UnsafeMutablePointer<ALSACard>.allocate(capacity: 1)
    pointer.initialize(to: card)
    // It is waited for as the answer to a command is.
    shared.pointee.sent.add(1, ordering: .acquiringAndReleasing)
    shared.pointee.door.offered.store(pointer, ordering: .releasing)
    shared.pointee.wake.signal()
    feeder.attend()
    return pointer
  }

  private func close(_ card: UnsafeMutablePointer<ALSACard>) {
    card.pointee.close()
    card.deallocate()
  }

  /// Waits: without a card for the next look, with one for as long as all is well. True where the card has an error.
  private func watch(_ card: UnsafeMutablePointer<ALSACard>?) -> Bool {
    var poll = Poll()
    _ = poll.add(shared.pointee.keeperWake.descriptor, events: POLLIN)
    // With no event asked for, poll tells of errors alone: not of room, which the audio thread waits for.
    let numbers = card?.pointee.descriptors.map { poll.add($0.fd, events: 0) } ?? []
    try? poll.wait(until: card == nil ? Monotonic.now.adding(milliseconds: Self.patience) : nil)
    shared.pointee.keeperWake.clear()
    return numbers.contains { poll.answer($0) != 0 }
  }

  /// Asks the audio thread to look, and gives it time to.
  private func suspect() {
    if !shared.pointee.suspect.exchange(true, ordering: .acquiringAndReleasing) {
      shared.pointee.sent.add(1, ordering: .acquiringAndReleasing)
    }
    shared.pointee.wake.signal()
    feeder.attend()
    rest(Self.pause)
  }

  private func rest(_ milliseconds: Int) {
    let deadline = Monotonic.now.adding(milliseconds: milliseconds)
    while !quitting.load(ordering: .acquiring), Monotonic.now < deadline {
      var poll = Poll()
      _ = poll.add(shared.pointee.keeperWake.descriptor, events: POLLIN)
      try? poll.wait(until: deadline)
      shared.pointee.keeperWake.clear()
    }
  }
}
