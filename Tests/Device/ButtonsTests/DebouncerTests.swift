import Posix
import Testing

@testable import Buttons

/// Milliseconds of the test's clock.
func at(_ milliseconds: Int) -> Monotonic { Monotonic(nanoseconds: Int64(milliseconds) * 1_000_000) }

@Suite("Debouncer")
struct DebouncerRules {
  /// A level (`true` is down), or without one a call at the deadline.
  typealias Step = (time: Int, isDown: Bool?)

  private func run(_ steps: [Step], lockout: Int = 20, startsDown: Bool = false) -> [String] {
    var contact = Debouncer(lockout: lockout, isDown: startsDown, at: at(0))
    var told: [String] = []
    for step in steps {
      let kind =
        if let isDown = step.isDown { contact.observe(isDown, at: at(step.time)) } else {
          contact.settle(at: at(step.time))
        }
      if let kind { told.append("\(kind == .pressed ? "+" : "-")\(step.time)") }
    }
    return told
  }

  @Test("the leading edge acts at once")
  func leading() {
    #expect(run([(100, true)]) == ["+100"])
    #expect(run([(100, true), (300, false)]) == ["+100", "-300"])
  }

  @Test("bounce in the lock-out is neither a second press nor a release")
  func chatter() {
    let press: [Step] = [(100, true), (101, false), (102, true), (105, false), (107, true), (120, nil)]
    #expect(run(press) == ["+100"])
    #expect(run(press + [(300, false), (301, true), (303, false), (320, nil)]) == ["+100", "-300"])
  }

  @Test("a release in the lock-out is reported when it ends")
  func releaseInLockout() {
    #expect(run([(100, true), (105, false), (119, nil), (120, nil)]) == ["+100", "-120"])
  }

  @Test("a new press in the lock-out of a release is reported when it ends")
  func pressInLockout() {
    #expect(run([(100, true), (300, false), (310, true), (320, nil)]) == ["+100", "-300", "+320"])
  }

  @Test("a pending release is reported even if the loop is late and the button is down again")
  func lateLoop() {
    #expect(run([(100, true), (105, false), (150, true), (170, nil)]) == ["+100", "-150", "+170"])
  }

  @Test("a button that is held at the start gives neither a press nor a release")
  func held() {
    #expect(run([(50, true), (100, false), (101, true), (102, false), (120, nil)], startsDown: true) == [])
    #expect(run([(100, false), (120, nil), (130, true)], startsDown: true) == ["+130"])
    #expect(run([(100, false), (101, true), (120, nil)], startsDown: true) == ["+120"], "down again, and it stays so")
  }

  @Test("without a lock-out every change is reported")
  func withoutLockout() {
    #expect(run([(1, true), (1, false), (1, true), (2, false)], lockout: 0) == ["+1", "-1", "+1", "-2"])
  }

  @Test("a deadline exists from a change to the end of its lock-out, and none while idle or held")
  func deadlines() {
    var contact = Debouncer(lockout: 20, isDown: false, at: at(0))
    #expect(contact.deadline == nil)
    _ = contact.observe(true, at: at(100))
    #expect(contact.deadline == at(120))
    _ = contact.observe(false, at: at(110))
    #expect(contact.deadline == at(120))
    #expect(contact.settle(at: at(121)) == .released)
    #expect(contact.deadline == at(141), "the release has a lock-out of its own")
    #expect(contact.settle(at: at(141)) == nil)
    #expect(contact.deadline == nil)
    _ = contact.observe(true, at: at(200))
    #expect(contact.settle(at: at(220)) == nil)
    #expect(contact.deadline == nil)
    #expect(contact.state == .down)
    #expect(contact.since == at(200), "how long it has been down")
  }

  @Test("real contact bounce gives one press and one release", arguments: Chatter.profiles)
  func realChatter(profile: (name: String, closing: [Int], opening: [Int])) {
    let closing = profile.closing.enumerated().map { Step(1000 + $1, $0 % 2 == 0) }
    let opening = profile.opening.enumerated().map { Step(1200 + $1, $0 % 2 != 0) }
    #expect(run(closing + [(1020, nil)] + opening + [(1220, nil)]) == ["+1000", "-1200"])
  }

  @Test("presses and releases alternate and the last level decides, whatever the contact does", arguments: 0..<200)
  func random(seed: Int) {
    var random = Dice(seed)
    let lockout = random.roll(0...40)
    let startsDown = random.roll(0...3) == 0
    var contact = Debouncer(lockout: lockout, isDown: startsDown, at: at(0))
    var told: [(kind: ButtonEvent.Kind, time: Monotonic)] = []
    var time = 0
    var level = startsDown
    for _ in 0..<500 {
      // Bursts and pauses; a loop that wakes at the deadline, and sometimes late.
      time += random.roll(0...1) == 0 ? random.roll(0...3) : random.roll(0...80)
      let late = random.roll(0...9) == 0
      if let deadline = contact.deadline, deadline <= at(time), !late {
        if let kind = contact.settle(at: deadline) { told.append((kind, deadline)) }
      }
      let wasQuiet = contact.deadline == nil
      let isNew = level != (random.roll(0...1) == 0)
      if isNew { level.toggle() }
      let wasHeld = contact.state == .held
      let kind = contact.observe(level, at: at(time))
      if let kind { told.append((kind, at(time))) }
      if wasQuiet && isNew && !wasHeld {
        #expect(kind == (level ? .pressed : .released), "the leading edge of a quiet contact acts at once")
      }
    }
    for _ in 0..<3 {
      guard let deadline = contact.deadline else { break }
      if let kind = contact.settle(at: deadline) { told.append((kind, deadline)) }
    }
    for (index, each) in told.enumerated() {
      #expect(each.kind == (index % 2 == 0 ? .pressed : .released))
      if index > 0 { #expect(each.time >= told[index - 1].time.adding(milliseconds: lockout)) }
    }
    #expect(contact.deadline == nil)
    #expect((contact.state == .down || contact.state == .held) == level)
    #expect((contact.state == .down) == (told.last?.kind == .pressed))
  }
}

/// A generator that gives the same numbers for the same seed: SplitMix64.
struct Dice: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: Int) { state = UInt64(seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}
