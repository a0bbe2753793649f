import ArgumentParser

struct Test: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "x")
  func run() throws {}
}
