// DOCX: five small XML parts in a ZIP. Word, LibreOffice and Pages open it; what looks are made of
// (fonts, sizes, colours) is in styles.xml, so that a reader can change it in one place.
#include <fmt/format.h>

#include <iterator>
#include <string>

#include "base/utf8.h"
#include "formats/reading_text.h"
#include "formats/text.h"
#include "formats/zip_writer.h"

namespace wt::formats {
namespace {

constexpr std::string_view kXml = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";

constexpr std::string_view kContentTypes =
    R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
    R"(<Default Extension="rels")"
    R"( ContentType="application/vnd.openxmlformats-package.relationships+xml"/>)"
    R"(<Default Extension="xml" ContentType="application/xml"/>)"
    R"(<Override PartName="/word/document.xml")"
    R"( ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.)"
    R"(main+xml"/>)"
    R"(<Override PartName="/word/styles.xml")"
    R"( ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>)"
    R"(<Override PartName="/docProps/core.xml")"
    R"( ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>)"
    R"(</Types>)";

constexpr std::string_view kPackageRelations =
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)"
    R"(<Relationship Id="rId1")"
    R"( Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/)"
    R"(officeDocument" Target="word/document.xml"/>)"
    R"(<Relationship Id="rId2")"
    R"( Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-)"
    R"(properties" Target="docProps/core.xml"/>)"
    R"(</Relationships>)";

constexpr std::string_view kDocumentRelations =
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)"
    R"(<Relationship Id="rId1")"
    R"( Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles")"
    R"( Target="styles.xml"/>)"
    R"(</Relationships>)";

// Sizes are half points, distances twentieths of a point. No font is named: the reader's own.
constexpr std::string_view kStyles =
    R"(<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">)"
    R"(<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/></w:rPr></w:rPrDefault>)"
    R"(<w:pPrDefault><w:pPr><w:spacing w:after="160" w:line="276" w:lineRule="auto"/></w:pPr>)"
    R"(</w:pPrDefault></w:docDefaults>)"
    R"(<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>)"
    R"(<w:qFormat/></w:style>)"
    R"(<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn)"
    R"( w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:spacing w:after="240"/>)"
    R"(</w:pPr><w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style>)"
    R"(<w:style w:type="paragraph" w:styleId="Speaker"><w:name w:val="Speaker"/><w:basedOn)"
    R"( w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing)"
    R"( w:before="200" w:after="40"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>)"
    R"(<w:style w:type="character" w:styleId="Time"><w:name w:val="Time"/><w:qFormat/><w:rPr>)"
    R"(<w:color w:val="767676"/><w:sz w:val="18"/></w:rPr></w:style>)"
    R"(</w:styles>)";

/// Text that XML 1.0 can hold (section 2.2), with its markup escaped.
std::string EscapeXml(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const char32_t c = base::NextCodePoint(&text);
    switch (c) {
      case U'&': escaped += "&amp;"; break;
      case U'<': escaped += "&lt;"; break;
      case U'>': escaped += "&gt;"; break;
      case U'"': escaped += "&quot;"; break;
      default:
        if ((c >= 0x20 && c != 0xFFFE && c != 0xFFFF) || c == U'\t') {
          base::AppendUtf8(c, &escaped);
        }
    }
  }
  return escaped;
}

std::string Run(std::string_view style, std::string_view text) {
  const std::string look =
      style.empty() ? "" : fmt::format(R"(<w:rPr><w:rStyle w:val="{}"/></w:rPr>)", style);
  return fmt::format(R"(<w:r>{}<w:t xml:space="preserve">{}</w:t></w:r>)", look, EscapeXml(text));
}

std::string StyledParagraph(std::string_view style, const std::string& runs) {
  const std::string look =
      style.empty() ? "" : fmt::format(R"(<w:pPr><w:pStyle w:val="{}"/></w:pPr>)", style);
  return "<w:p>" + look + runs + "</w:p>";
}

std::string DocumentXml(const Transcript& transcript, const ReadingOptions& reading) {
  std::string xml(kXml);
  xml += R"(<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">)"
         R"(<w:body>)";
  const std::string title = CleanLine(reading.title);
  if (!title.empty()) xml += StyledParagraph("Title", Run("", title));
  for (const Paragraph& paragraph : Paragraphs(transcript, reading.speakers)) {
    const std::string time = reading.times ? ParagraphTime(paragraph.start_ms) : "";
    if (!paragraph.speaker.empty()) {
      xml += StyledParagraph(
          "Speaker", Run("", paragraph.speaker) + (time.empty() ? "" : Run("Time", "  " + time)));
      xml += StyledParagraph("", Run("", paragraph.text));
    } else {
      xml += StyledParagraph(
          "", (time.empty() ? "" : Run("Time", time + "  ")) + Run("", paragraph.text));
    }
  }
  // A4 with margins of an inch.
  xml += R"(<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440")"
         R"( w:bottom="1440" w:left="1440" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr>)"
         R"(</w:body></w:document>)";
  return xml;
}

}  // namespace

std::string WriteDocx(const Transcript& transcript, const ReadingOptions& reading) {
  ZipWriter zip;
  const auto add = [&](std::string_view name, std::string_view part) {
    zip.Add(name, std::string(kXml) + std::string(part));
  };
  // The list of types comes first: readers look there.
  add("[Content_Types].xml", kContentTypes);
  add("_rels/.rels", kPackageRelations);
  zip.Add("word/document.xml", DocumentXml(transcript, reading));
  add("word/_rels/document.xml.rels", kDocumentRelations);
  add("word/styles.xml", kStyles);
  add("docProps/core.xml",
      fmt::format(R"(<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/)"
                  R"(metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">)"
                  R"(<dc:title>{}</dc:title><dc:language>{}</dc:language></cp:coreProperties>)",
                  EscapeXml(CleanLine(reading.title)), EscapeXml(transcript.language)));
  return zip.Finish();
}

}  // namespace wt::formats
