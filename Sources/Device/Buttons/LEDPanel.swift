import CLinux
import Glibc
import Posix
import Synchronization

/// All LEDs of a board, on a thread of their own: some hang on a slow bus, and no press waits for a LED.
///
/// A LED that is missing is told once, and looked for again whenever another state is shown; the others go on.
public final class LEDPanel: Sendable {
  private let shared: Shared
  private let thread: Thread

  /// What both threads know.
  private final class Shared: Sendable {
    let wake: Wake
    let state = Atomic<UInt8>(LEDState.off.rawValue)
    let quit = Atomic<Bool>(false)
    /// By LED: why it does not shine.
    let faults: Mutex<[String?]>

    init(count: Int) throws(SystemError) {
      wake = try Wake()
      faults = Mutex(Array(repeating: nil, count: count))
    }
  }

  /// - Parameter complain: is called on the panel's thread, with one line.
  public init(
    _ leds: [LEDConfiguration], _ places: KernelPlaces = KernelPlaces(), complain: @escaping @Sendable (String) -> Void
  ) throws(SystemError) {
    let shared = try Shared(count: leds.count)
    self.shared = shared
    thread = try Thread("leds") {
      var show = Show(leds, places)
      while true {
        let isOver = shared.quit.load(ordering: .acquiring)
        let state = isOver ? .off : LEDState(rawValue: shared.state.load(ordering: .acquiring)) ?? .off
        let next = show.turn(state, at: .now)
        for fault in show.takeFaults() { complain(fault) }
        shared.faults.withLock { $0 = show.faults }
        if isOver { return }
        var poll = Poll()
        _ = poll.add(shared.wake.descriptor, events: POLLIN)
        do { try poll.wait(until: next) } catch { return complain("the LEDs: \(error)") }
        shared.wake.clear()
      }
    }
  }

  /// Puts all out, and gives the lines back.
  deinit {
    shared.quit.store(true, ordering: .releasing)
    shared.wake.signal()
    thread.join()
  }

  /// Returns at once; the same state again changes nothing.
  public func show(_ state: LEDState) {
    if shared.state.exchange(state.rawValue, ordering: .acquiringAndReleasing) != state.rawValue {
      shared.wake.signal()
    }
  }

  /// By LED: why it does not shine; `nil` for one that does.
  public var faults: [String?] { shared.faults.withLock { $0 } }
}

/// The LEDs in time. Belongs to one thread.
struct Show {
  private let configurations: [LEDConfiguration]
  private let places: KernelPlaces
  private var leds: [(any LED)?]
  /// What each was last told; `nil` before that.
  private var lit: [Bool?]
  private(set) var faults: [String?]
  private var news: [String] = []
  private var state: LEDState?
  private var start = Monotonic(nanoseconds: 0)

  init(_ configurations: [LEDConfiguration], _ places: KernelPlaces) {
    self.configurations = configurations
    self.places = places
    leds = configurations.map { _ in nil }
    lit = configurations.map { _ in nil }
    faults = configurations.map { _ in nil }
  }

  /// Faults that are new.
  mutating func takeFaults() -> [String] {
    defer { news = [] }
    return news
  }

  /// Sets what has to change, and answers when the next change is due.
  mutating func turn(_ state: LEDState, at now: Monotonic) -> Monotonic? {
    if state != self.state {
      self.state = state
      start = now
      open()
    }
    var next: Monotonic?
    let elapsed = Int(now.since(start) / 1_000_000)
    for index in leds.indices {
      let (isLit, left) = (configurations[index].shows[state] ?? .dark).light(at: elapsed)
      set(index, isLit)
      // One that is missing wakes nobody.
      guard leds[index] != nil, let left else { continue }
      let change = start.adding(milliseconds: elapsed + left)
      next = next.map { min($0, change) } ?? change
    }
    return next
  }

  private mutating func open() {
    if leds.allSatisfy({ $0 != nil }) { return }
    let finder = LineFinder(places)
    for index in leds.indices where leds[index] == nil {
      do {
        leds[index] = try Self.open(configurations[index].kind, finder, places)
        lit[index] = nil
        faults[index] = nil
      } catch { fail(index, "\(error)") }
    }
  }

  private mutating func set(_ index: Int, _ isLit: Bool) {
    guard let led = leds[index], lit[index] != isLit else { return }
    do throws(SystemError) {
      try led.set(isLit)
      lit[index] = isLit
    } catch {
      leds[index] = nil
      fail(index, "\(error)")
    }
  }

  private mutating func fail(_ index: Int, _ cause: String) {
    if faults[index] == nil {
      news.append("LED \(configurations[index].kind): \(cause); the device goes on without it")
    }
    faults[index] = cause
  }

  private static func open(
    _ kind: LEDConfiguration.Kind, _ finder: LineFinder, _ places: KernelPlaces
  ) throws -> any LED {
    switch kind {
    case .named(let name): return try NamedLED(name, root: places.leds)
    case .line(let line, let isInverted):
      let place = try finder.places(of: line)[0]
      if place.interface == .character {
        return try CharacterLED(place.number, of: place.path, isInverted: isInverted)
      }
      return try SysfsLED(try SysfsExport(place.number, of: line, root: place.path), isInverted: isInverted)
    }
  }
}
