import Diagnostics
import Encoding
import Foundation

/// Prints a value as one JSON document with sorted keys and rounded figures.
func printJSON(_ value: some Encodable) throws { try write(value, .prettyPrinted) }

/// Prints a value as JSON on one line.
func printLine(_ value: some Encodable) throws { try write(value, []) }

private func write(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
  let document = String(decoding: try encoder.encode(value), as: UTF8.self)
  Terminal.write(1, Printable(json: JSONFigures.rounded(document)) + "\n")
}
