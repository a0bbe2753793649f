import Board
import Posix
import Simulator
import Testing

@Suite struct TypedNumberTests {
  private var typed = TypedNumber(limit: 3000)

  private mutating func press(_ button: Button, at milliseconds: Int) -> String {
    typed.press(button, at: Monotonic(nanoseconds: 0).adding(milliseconds: milliseconds))
    return typed.text
  }

  @Test("the keys so far are shown, and a line for each digit that is missing")
  mutating func keys() {
    #expect(typed.text.isEmpty)
    #expect(press(.star, at: 0) == "* _ _")
    #expect(press(.digit(2), at: 100) == "* 2 _")
    #expect(press(.digit(9), at: 200) == "* 2 9")
    #expect(press(.digit(0), at: 300) == "0 _", "the number before was complete")
    #expect(press(.star, at: 400) == "* _ _", "a star begins anew")
  }

  @Test("another button and a pause that is too long drop the number")
  mutating func dropped() {
    #expect(press(.digit(2), at: 0) == "2 _")
    #expect(press(.control(.stop), at: 100) == "")
    #expect(press(.digit(2), at: 200) == "2 _")
    #expect(press(.digit(3), at: 3200) == "3 _", "late")
    typed.pass(Monotonic(nanoseconds: 0).adding(milliseconds: 6199))
    #expect(typed.text == "3 _")
    typed.pass(Monotonic(nanoseconds: 0).adding(milliseconds: 6200))
    #expect(typed.text == "" && typed.deadline == nil)
  }
}
