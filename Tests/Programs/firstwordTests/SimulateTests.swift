import Foundation
import Posix
import Testing

/// `firstword simulate` on a pseudo-terminal, with the simulated card.
@Suite("Practising in a terminal", .serialized)
struct SimulateTests {
  @Test("typed digits, the reason of a signal, the question and the answer keys are shown")
  func screen() throws {
    let sandbox = try Sandbox()
    let program = try Files.programDirectory().appending("firstword").string
    let terminal = try PseudoTerminal(
      [program, "simulate", "sounds.kit", "--silent", "--trust", "key.pub"], in: sandbox.directory, environment: [:],
      columns: 120)
    try terminal.wait(for: "Tab: messages by number")
    terminal.type("*0")
    try terminal.wait(for: "Typed  * 0 _")
    terminal.type("1")
    try terminal.wait(for: "Typed  * 0 1")
    try terminal.wait(for: "(no message or language has this number)")
    terminal.type("02")
    try terminal.wait(for: "(no language is chosen)")
    terminal.type("n")
    try terminal.wait(for: "Language  ro, ro")
    terminal.type("03")
    try terminal.wait(for: "Now  ro asked \u{201C}need-doctor\u{201D}")
    try terminal.wait(for: "Answer  y yes   x no   u unclear   d declined   s stop")
    terminal.type("q")
    let (status, isRestored) = try terminal.end()
    #expect(status == 0 && isRestored, "\(terminal.shown)")
  }
}
