import Foundation
import TestSupport
import Testing

@Suite("The demo")
struct DemoTests {
  @Test("expects only messages that its own kit has")
  func messages() throws {
    func text(_ path: String) throws -> String {
      try String(contentsOfFile: "\(SourceTree.path)/\(path)", encoding: .utf8)
    }
    func prompts(_ text: String) -> Set<String> {
      Set(text.matches(of: /\bprompt: ([a-z-]+)/).map { String($0.1) })
    }
    let command = try #require(try text("Hardware/demo").firstMatch(of: /--prompts ([a-z,-]+)/))
    let named = Set(command.1.split(separator: ",").map(String.init))
    #expect(named.contains("first-contact"))
    let expected = prompts(try text("Hardware/demo.yaml"))
    #expect(!expected.isEmpty)
    let kit = named.union(prompts(try text("Prompts/first-contact.yaml")))
    #expect(expected.subtracting(kit).isEmpty)
  }
}
