/// The bounce of a button's contact while it closes and while it opens: a fixed shape, the same at every press.
///
/// The shapes follow measurements of real contacts: J. Ganssle, *A Guide to Debouncing* (eighteen switches, about 300
/// presses each: most settle within 6.2 ms, 1.6 ms on average; some bounce longer when they open; one push button took
/// up to 157 ms), and data sheets of tact switches and microswitches, which promise 5 to 10 ms when new.
public enum ContactBounce: String, CaseIterable, Sendable {
  /// A new tact switch under a dome: closes with one short break, and opens cleanly.
  case snapDome = "snap-dome"
  /// A microswitch after a few hundred thousand presses: a burst of breaks while the spring swings.
  case wornMicroswitch = "worn-microswitch"
  /// An arcade button with dirt under its plunger: slow breaks, and more of them on release.
  case stickyArcade = "sticky-arcade"
  /// Ganssle's worst: after release it touches again and again, for longer than most lock-outs.
  case looseSpring = "loose-spring"

  /// The breaks of a contact that has closed, or the touches of one that has opened.
  public struct Burst: Equatable, Sendable {
    /// Start of each break, in microseconds after the first edge, ascending.
    public var starts: [Int]
    /// Length of each break in microseconds.
    public var width: Int

    /// Microseconds from the first edge until the contact rests.
    public var length: Int { starts.last.map { $0 + width } ?? 0 }
  }

  /// The breaks after the contact has closed.
  public var closing: Burst {
    switch self {
    case .snapDome: Burst(starts: [400], width: 150)
    case .wornMicroswitch: Burst(starts: [250, 700, 1300, 2100, 3200, 4600, 6000], width: 200)
    case .stickyArcade: Burst(starts: [900, 2600, 5200, 9000], width: 700)
    case .looseSpring: Burst(starts: [500, 1400, 3000], width: 300)
    }
  }

  /// The touches after the contact has opened.
  public var opening: Burst {
    switch self {
    case .snapDome: Burst(starts: [], width: 0)
    case .wornMicroswitch: Burst(starts: [300, 900, 2000, 3800], width: 200)
    case .stickyArcade: Burst(starts: [1200, 3400, 6800, 11_500, 17_000], width: 900)
    case .looseSpring: Burst(starts: [800, 4000, 15_000, 40_000, 90_000, 150_000], width: 1500)
    }
  }
}
