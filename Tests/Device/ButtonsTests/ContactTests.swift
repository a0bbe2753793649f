import Testing

@testable import Buttons

@Suite("A button in time")
struct ContactRules {
  private func contact(hold: Int? = nil, stuck: Int? = nil, isDown: Bool = false) -> Contact {
    Contact(Contact.Limits(lockout: 20, hold: hold, stuck: stuck), isDown: isDown, at: at(0))
  }

  @Test("a hold is reported once, while the button is still down")
  func hold() {
    var contact = contact(hold: 800)
    #expect(contact.observe(true, at: at(100)) == [.pressed])
    #expect(contact.deadline == at(120), "the lock-out first")
    #expect(contact.pass(at: at(120)) == [])
    #expect(contact.deadline == at(900))
    #expect(contact.pass(at: at(899)) == [])
    #expect(contact.pass(at: at(900)) == [.held])
    #expect(contact.deadline == nil)
    #expect(contact.observe(false, at: at(2000)) == [.released])
    #expect(contact.observe(true, at: at(3000)) == [.pressed])
    #expect(contact.pass(at: at(3800)) == [.held], "each press anew")
  }

  @Test("a press that ends before the time of a hold is none, also where the loop is late")
  func shortPress() {
    var contact = contact(hold: 800)
    _ = contact.observe(true, at: at(100))
    #expect(contact.observe(false, at: at(899)) == [.released])
    #expect(contact.deadline == at(919))
    #expect(contact.pass(at: at(5000)) == [])
  }

  @Test("a hold whose end is read before the loop reported it is reported before its release")
  func lateLoop() {
    var contact = contact(hold: 800)
    _ = contact.observe(true, at: at(100))
    #expect(contact.observe(false, at: at(1000)) == [.held, .released])
  }

  @Test("a stuck button is reported once, and works again after its release")
  func stuck() {
    var contact = contact(hold: 800, stuck: 30_000)
    _ = contact.observe(true, at: at(0))
    _ = contact.pass(at: at(800))
    #expect(contact.deadline == at(30_000))
    #expect(contact.pass(at: at(30_000)) == [.stuck])
    #expect(contact.isStuck)
    #expect(contact.deadline == nil, "it wakes nobody any more")
    #expect(contact.pass(at: at(90_000)) == [])
    #expect(contact.observe(false, at: at(100_000)) == [.released, .freed])
    #expect(!contact.isStuck)
    #expect(contact.observe(true, at: at(101_000)) == [.pressed])
  }

  @Test("a button that is down from the start gives no press, and is stuck after its time")
  func stuckFromTheStart() {
    var contact = contact(hold: 800, stuck: 30_000, isDown: true)
    #expect(contact.deadline == at(30_000))
    #expect(contact.pass(at: at(30_000)) == [.stuck])
    #expect(contact.observe(false, at: at(40_000)) == [.freed])
    #expect(contact.observe(true, at: at(41_000)) == [.pressed])
  }

  @Test("bounce begins no new hold: the time counts from the press")
  func chatter() {
    var contact = contact(hold: 800)
    _ = contact.observe(true, at: at(0))
    for time in [2, 4, 9] { _ = contact.observe(time == 9 || time == 2 ? time != 2 : false, at: at(time)) }
    _ = contact.pass(at: at(20))
    #expect(contact.pass(at: at(800)) == [.held])
  }
}
