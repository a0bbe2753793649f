import Foundation

/// Prints a value as one JSON document with sorted keys.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
  Terminal.write(1, String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
}

/// Prints a value as JSON on one line.
func printLine(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  Terminal.write(1, String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
}
