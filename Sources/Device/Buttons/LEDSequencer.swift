import Board
import Posix

/// Switches the LEDs of a board over time. Time is a parameter; it belongs to one thread.
struct LEDSequencer {
  /// What the LEDs of a board show.
  struct Shown: Equatable {
    /// The state of the device.
    var state: Board.LED.State
    /// The answer mode that is on; nil if it is not known.
    var mode: Board.AnswerMode?
  }

  private let configurations: [Board.LED]
  private let paths: KernelPaths
  private var leds: [(any LED)?]
  /// What each LED was last set to; nil before that.
  private var lit: [Bool?]
  /// Why each LED does not work, by index; nil where it does.
  private(set) var faults: [String?]
  private var newFaults: [String] = []
  private var state: Board.LED.State?
  private var isOpen = false
  private var start = Monotonic(nanoseconds: 0)

  /// Creates a sequencer. The first `update` opens the LEDs.
  init(_ configurations: [Board.LED], _ paths: KernelPaths) {
    self.configurations = configurations
    self.paths = paths
    leds = configurations.map { _ in nil }
    lit = configurations.map { _ in nil }
    faults = configurations.map { _ in nil }
  }

  /// Returns the faults since the last call, one line each.
  mutating func takeFaults() -> [String] {
    defer { newFaults = [] }
    return newFaults
  }

  /// Switches the LEDs that must change.
  ///
  /// - Parameters:
  ///   - state: the state to show; nil switches all LEDs off. A new state starts its pattern from the beginning and
  ///     retries missing LEDs.
  ///   - mode: the answer mode that is on; LEDs of other modes are dark.
  ///   - now: the time.
  /// - Returns: when to call again; nil where nothing changes until the next state.
  mutating func update(
    _ state: Board.LED.State?, mode: Board.AnswerMode? = nil, at now: Monotonic
  ) -> Monotonic? {
    if !isOpen || state != self.state {
      isOpen = true
      self.state = state
      start = now
      openMissing()
    }
    var next: Monotonic?
    let elapsed = Int(now.since(start) / 1_000_000)
    for index in leds.indices {
      let configuration = configurations[index]
      var pattern = state.map { configuration.shows[$0] } ?? .dark
      if let own = configuration.mode { pattern = state != nil && own == mode ? .steady : .dark }
      let (isLit, remaining) = pattern.light(at: elapsed)
      set(index, isLit)
      // A missing LED needs no wake-up.
      guard leds[index] != nil, let remaining else { continue }
      let change = start.adding(milliseconds: elapsed + remaining)
      next = next.map { min($0, change) } ?? change
    }
    return next
  }

  private mutating func openMissing() {
    if leds.allSatisfy({ $0 != nil }) { return }
    let finder = LineFinder(paths)
    for index in leds.indices where leds[index] == nil {
      do {
        leds[index] = try Self.open(configurations[index], finder, paths)
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
      newFaults.append("LED \(configurations[index].name): \(cause); the device works without it")
    }
    faults[index] = cause
  }

  private static func open(_ led: Board.LED, _ finder: LineFinder, _ paths: KernelPaths) throws -> any LED {
    guard let output = led.output else { return try NamedLED(led.led ?? "", root: paths.leds) }
    return try OutputLine.open(output, finder)
  }
}

extension Board.LED.Pattern {
  /// Returns whether an LED with this pattern is lit, and when that changes.
  ///
  /// - Parameter milliseconds: since the start of the pattern, 0 or more.
  /// - Returns: the light, and the milliseconds until it changes; nil for never.
  func light(at milliseconds: Int) -> (isLit: Bool, remaining: Int?) {
    let times = times
    guard times.count > 1 else { return (!times.isEmpty, nil) }
    var rest = milliseconds % times.reduce(0, +)
    for (index, time) in times.enumerated() {
      if rest < time { return (index % 2 == 0, time - rest) }
      rest -= time
    }
    return (false, nil)
  }
}
