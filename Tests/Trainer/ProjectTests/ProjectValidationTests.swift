import Catalogue
import CatalogueFixture
import Testing

@testable import Project

@Suite struct ProjectValidationTests {
  @Test("validation of a project covers the source and the languages and prompts that the project uses")
  func project() throws {
    let scratch = try Scratch()
    try scratch.copyCatalogue()
    try scratch.replace("cu noi.\"", with: "cu noi\"", in: "Languages/ro.yaml")
    try scratch.write("project/kit.yaml", ProjectFile.text(name: "mine", languages: ["es"]))
    let project = "\(scratch.directory)/project"
    #expect(Validator.check(directory: scratch.directory, project: project) == [])
    try scratch.write("project/kit.yaml", ProjectFile.text(name: "mine", languages: ["ro"]))
    #expect(Validator.check(directory: scratch.directory, project: project).count == 1)
    try scratch.write("project/kit.yaml", ProjectFile.text(name: "mine", languages: ["rm"]))
    #expect(Validator.check(directory: scratch.directory, project: project).first?.message.contains("'rm'") == true)
  }
}
