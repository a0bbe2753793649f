import Posix
import Testing

@testable import Changeover

@Suite("The change to another kit")
struct ChangeoverTests {
  /// A kit of two clips, `1` and `2`.
  private struct Sample: InterchangeableKit, Equatable {
    var identity: String
    var file = FileIdentity(device: 1, number: 1)
    var recalledClips: Set<String> = []
    var withheld: Sample { Sample(identity: identity, file: file, recalledClips: ["1", "2"]) }
  }

  private let a = Sample(identity: "a")
  private let b = Sample(identity: "b", file: FileIdentity(device: 1, number: 2))
  private let c = Sample(identity: "c", file: FileIdentity(device: 1, number: 3))

  @Test("a kit that was found waits until the console is idle, and is then played")
  func waits() {
    var change = Changeover(a)
    #expect(change.take(.offered(b, current: .permitted)) == .waits)
    #expect(change.step(isIdle: false) == .stay && change.current == a)
    #expect(change.step(isIdle: true) == .change && change.current == b)
    #expect(change.step(isIdle: true) == .stay)
  }

  @Test("a kit that waits is dropped if the next search finds the current kit again")
  func takenBack() {
    var change = Changeover(a)
    _ = change.take(.offered(b, current: .permitted))
    #expect(change.take(.offered(a, current: .permitted)) == .unchanged)
    #expect(change.step(isIdle: true) == .stay && change.current == a)
  }

  @Test("a kit that waits is replaced by the one that a later search finds")
  func overtaken() {
    var change = Changeover(a)
    _ = change.take(.offered(b, current: .permitted))
    #expect(change.take(.offered(c, current: .permitted)) == .waits)
    #expect(change.step(isIdle: true) == .change && change.current == c)
  }

  @Test("a kit that waits is dropped if no kit may be played any more, and the current one stays while it may")
  func waitingIsRefused() {
    var change = Changeover(a)
    _ = change.take(.offered(b, current: .permitted))
    #expect(change.take(.refused(current: .permitted)) == .unchanged)
    #expect(change.step(isIdle: true) == .stay && change.current == a)
  }

  @Test("a search that can read nothing changes nothing, not even for the kit that waits")
  func unread() {
    var change = Changeover(a)
    _ = change.take(.offered(b, current: .permitted))
    #expect(change.take(.unread) == .unchanged)
    #expect(change.step(isIdle: true) == .change && change.current == b)
  }

  @Test("a kit that is taken back is silent at once, and what is under way is interrupted until the console is idle")
  func withdrawn() {
    var change = Changeover(a)
    #expect(change.take(.offered(b, current: .withdrawn)) == .withdrawn)
    #expect(change.current == a.withheld)
    #expect(change.step(isIdle: false) == .interrupt && change.step(isIdle: false) == .interrupt)
    #expect(change.step(isIdle: true) == .change && change.current == b)
    #expect(change.step(isIdle: false) == .stay)
  }

  @Test("a kit that is taken back with no other left stays silent")
  func nothingLeft() {
    var change = Changeover(a)
    #expect(change.take(.refused(current: .withdrawn)) == .withdrawn)
    #expect(change.step(isIdle: false) == .interrupt)
    #expect(change.step(isIdle: true) == .change && change.current == a.withheld)
    // A further search says the same, and nothing happens.
    _ = change.take(.refused(current: .withdrawn))
    #expect(change.step(isIdle: true) == .stay)
    // A new kit ends it.
    #expect(change.take(.offered(b, current: .withdrawn)) == .withdrawn)
    #expect(change.step(isIdle: true) == .change && change.current == b)
  }

  @Test("a kit whose recall is taken back before the change is played on, and afterwards comes back")
  func permittedAgain() {
    var change = Changeover(a)
    _ = change.take(.refused(current: .withdrawn))
    #expect(change.take(.offered(a, current: .permitted)) == .unchanged)
    #expect(change.step(isIdle: true) == .stay && change.current == a)
    _ = change.take(.refused(current: .withdrawn))
    #expect(change.step(isIdle: true) == .change && change.current == a.withheld)
    #expect(change.take(.offered(a, current: .permitted)) == .waits)
    #expect(change.step(isIdle: true) == .change && change.current == a)
  }

  @Test("a recalled clip is silent at once, whatever is under way, and the console follows when it is idle")
  func recalledClip() {
    var change = Changeover(a)
    var less = a
    less.recalledClips = ["1"]
    #expect(change.take(.offered(less, current: .permitted)) == .waits)
    #expect(change.current == less)
    // A search in between that says the same does not lose the change.
    #expect(change.take(.offered(less, current: .permitted)) == .waits)
    #expect(change.step(isIdle: false) == .stay)
    #expect(change.step(isIdle: true) == .change && change.current == less)
  }

  @Test("the same kit in another file is read from there at once, without a change of the console")
  func repaired() {
    var change = Changeover(a)
    var whole = a
    whole.file = FileIdentity(device: 1, number: 9)
    #expect(change.take(.offered(whole, current: .permitted)) == .repaired)
    #expect(change.current == whole)
    #expect(change.step(isIdle: true) == .stay)
    #expect(change.take(.offered(whole, current: .permitted)) == .unchanged)
  }
}
