import ArgumentParser
import Project

struct Vouch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say that a key belongs to the reviewer who signed with it by post.",
    discussion: """
        firstword vouch --project shelter                    # lists the keys that signed reviews
        firstword vouch 7A1B2C3D4E5F6071 --project shelter

      A page of 'firstword post review' makes a key in the reviewer's browser, and shows its number. Let the reviewer \
      tell you that number by telephone, or face to face, and give the number that you heard. The public key is then \
      written to the project's directory \(Approvals.reviewers), and the reviewer's approvals are proved. Do this once \
      for each key.
      """)

  @Argument(help: ArgumentHelp("The number that the reviewer told you.", valueName: "KEY"))
  var number: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var project: ProjectOption

  func run() throws {
    try project.check()
    guard let number else { return try list() }
    let lock = try lockProject(project.directory)
    defer { lock.end() }
    let (row, path) = try PostKeys(project.directory).vouch(for: number)
    if json { return try printJSON(row) }
    print("\(path)  the key belongs to \(row.name): the approvals that it signed are proved")
  }

  private func list() throws {
    let rows = try PostKeys(project.directory).rows
    if json { return try printJSON(rows) }
    if rows.isEmpty { return print("no review came by post yet; 'firstword post review' writes a page for one") }
    var table = Table(["key", "name", "first seen", "vouched for"])
    for row in rows { table.add([row.key, row.name, row.firstSeen, row.vouched ? "yes" : ""]) }
    table.print()
  }
}
