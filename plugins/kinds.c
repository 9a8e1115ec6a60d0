/*
 * kinds: the tables.
 */
#include "kinds.h"

#include <string.h>
#include <strings.h>

/* Types; a slash at the end: all that begin so.  The first that fits counts. */
static const struct {
	const char *type;
	enum kinds kind;
} types[] = {
    {"application/pdf", KINDS_PDF},
    {"application/vnd.openxmlformats-officedocument", KINDS_OFFICE},
    {"application/vnd.oasis.opendocument", KINDS_OFFICE},
    {"application/msword", KINDS_OFFICE},
    {"application/vnd.ms-excel.sheet.macro", KINDS_MACROS},
    {"application/vnd.ms-word.document.macro", KINDS_MACROS},
    {"application/vnd.ms-powerpoint.presentation.macro", KINDS_MACROS},
    {"application/vnd.ms-cab-compressed", KINDS_PROGRAM},
    {"application/vnd.ms-tnef", KINDS_ARCHIVE},
    {"application/ms-tnef", KINDS_ARCHIVE},
    {"application/vnd.ms-", KINDS_OFFICE},
    {"application/vnd.apple.iwork", KINDS_OFFICE},
    {"application/epub", KINDS_OFFICE},
    {"application/cdfv2", KINDS_OFFICE},
    {"application/x-ole-storage", KINDS_OFFICE},
    {"application/rtf", KINDS_OFFICE},
    {"text/rtf", KINDS_OFFICE},
    {"text/html", KINDS_HTML},
    {"application/xhtml", KINDS_HTML},
    {"text/x-shellscript", KINDS_SCRIPT},
    {"text/x-msdos-batch", KINDS_SCRIPT},
    {"text/x-perl", KINDS_SCRIPT},
    {"text/x-script.", KINDS_SCRIPT},
    {"text/x-python", KINDS_SCRIPT},
    {"text/x-php", KINDS_SCRIPT},
    {"text/x-ruby", KINDS_SCRIPT},
    {"text/x-powershell", KINDS_SCRIPT},
    {"text/javascript", KINDS_SCRIPT},
    {"text/vbscript", KINDS_SCRIPT},
    {"application/javascript", KINDS_SCRIPT},
    {"application/x-javascript", KINDS_SCRIPT},
    {"application/x-sh", KINDS_SCRIPT},
    {"application/hta", KINDS_PROGRAM},
    {"image/svg", KINDS_TEXT},
    {"text/", KINDS_TEXT},
    {"message/", KINDS_TEXT},
    {"application/json", KINDS_TEXT},
    {"application/x-ndjson", KINDS_TEXT},
    {"application/csv", KINDS_TEXT},
    {"application/xml", KINDS_TEXT},
    {"application/ics", KINDS_TEXT},
    {"image/", KINDS_IMAGE},
    {"audio/", KINDS_MEDIA},
    {"video/", KINDS_MEDIA},
    {"application/ogg", KINDS_MEDIA},
    {"application/mp4", KINDS_MEDIA},
    {"application/zip", KINDS_ARCHIVE},
    {"application/x-zip", KINDS_ARCHIVE},
    {"application/gzip", KINDS_ARCHIVE},
    {"application/x-gzip", KINDS_ARCHIVE},
    {"application/x-bzip", KINDS_ARCHIVE},
    {"application/x-xz", KINDS_ARCHIVE},
    {"application/x-lzma", KINDS_ARCHIVE},
    {"application/zstd", KINDS_ARCHIVE},
    {"application/x-7z", KINDS_ARCHIVE},
    {"application/x-rar", KINDS_ARCHIVE},
    {"application/vnd.rar", KINDS_ARCHIVE},
    {"application/x-tar", KINDS_ARCHIVE},
    {"application/x-archive", KINDS_ARCHIVE},
    {"application/x-cpio", KINDS_ARCHIVE},
    {"application/x-lha", KINDS_ARCHIVE},
    {"application/x-arj", KINDS_ARCHIVE},
    {"application/x-ace", KINDS_ARCHIVE},
    {"application/x-dosexec", KINDS_PROGRAM},
    {"application/vnd.microsoft.portable-executable", KINDS_PROGRAM},
    {"application/x-msdownload", KINDS_PROGRAM},
    {"application/x-msdos-program", KINDS_PROGRAM},
    {"application/x-executable", KINDS_PROGRAM},
    {"application/x-pie-executable", KINDS_PROGRAM},
    {"application/x-sharedlib", KINDS_PROGRAM},
    {"application/x-object", KINDS_PROGRAM},
    {"application/x-mach-binary", KINDS_PROGRAM},
    {"application/x-ms-shortcut", KINDS_PROGRAM},
    {"application/x-mswinurl", KINDS_PROGRAM},
    {"application/x-msi", KINDS_PROGRAM},
    {"application/x-iso9660-image", KINDS_PROGRAM},
    {"application/x-java-applet", KINDS_PROGRAM},
    {"application/java-archive", KINDS_PROGRAM},
    {"application/vnd.android.package-archive", KINDS_PROGRAM},
    {"application/vnd.debian.binary-package", KINDS_PROGRAM},
    {"application/x-debian-package", KINDS_PROGRAM},
    {"application/x-rpm", KINDS_PROGRAM},
    {"application/x-apple-diskimage", KINDS_PROGRAM},
    {"application/x-onenote", KINDS_PROGRAM},
    {"application/onenote", KINDS_PROGRAM},
};

/* Ends of names, with a blank around each. */
static const struct {
	enum kinds kind;
	const char *ends;
} names[] = {
    {KINDS_TEXT, " txt text log md csv tsv json jsonl xml yml yaml ini cfg "
		 "ics vcf eml svg srt tex diff patch gpx kml pem asc sig p7s "
		 "crt cer "},
    {KINDS_HTML, " html htm xhtml mht mhtml shtml xht "},
    {KINDS_IMAGE, " png jpg jpeg jpe gif webp bmp tif tiff ico heic heif "
		  "avif "},
    {KINDS_MEDIA, " mp3 m4a wav ogg oga flac aac opus amr mp4 m4v mov avi "
		  "mkv webm mpg mpeg wmv 3gp "},
    {KINDS_PDF, " pdf "},
    {KINDS_OFFICE, " docx xlsx pptx dotx xltx potx ppsx odt ods odp odg "
		   "ott ots rtf pages numbers key epub "},
    {KINDS_OLD, " doc xls ppt dot xlt pot pps msg vsd mpp pub "},
    {KINDS_MACROS, " docm xlsm pptm dotm xltm potm ppsm xlsb xlam ppam xla "
		   "xll wll ppa odb mdb accdb "},
    {KINDS_ARCHIVE, " zip gz tgz bz2 tbz xz txz zst 7z rar tar lz lzma lzh "
		    "arj ace z zipx cpio "},
    {KINDS_SCRIPT, " js jse mjs vbs vbe wsf wsh ps1 psm1 psd1 ps1xml bat cmd "
		   "sh bash zsh csh ksh py pyw pl rb php lua tcl sct ahk "
		   "applescript command "},
    {KINDS_PROGRAM, " exe com scr pif msi msp mst dll cpl ocx sys drv lnk "
		    "url hta jar jnlp class apk ipa dmg pkg app deb rpm "
		    "iso img vhd vhdx udf cab reg inf gadget application "
		    "appref-ms appx appxbundle msix msixbundle chm hlp one "
		    "onepkg search-ms library-ms settingcontent-ms rdp scf "
		    "theme desktop xpi crx msc elf so dylib wim "},
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

enum kinds kinds_of_type(const char *type)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (strncasecmp(type, types[i].type, strlen(types[i].type)) ==
		    0)
			return types[i].kind;
	return KINDS_UNKNOWN;
}

enum kinds kinds_of_name(const char *name, size_t size)
{
	char end[20];
	size_t n = 0;

	while (n < size && name[size - n - 1] != '.')
		n++;
	if (n == 0 || n >= size || n + 3 > sizeof(end))
		return KINDS_UNKNOWN;
	end[0] = ' ';
	for (size_t i = 0; i < n; i++) {
		char c = name[size - n + i];

		if (c == ' ')
			return KINDS_UNKNOWN;
		end[i + 1] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	end[n + 1] = ' ';
	end[n + 2] = '\0';
	for (size_t i = 0; i < COUNT(names); i++)
		if (strstr(names[i].ends, end) != NULL)
			return names[i].kind;
	return KINDS_UNKNOWN;
}

const char *kinds_say(enum kinds kind)
{
	static const char *const say[] = {
	    [KINDS_UNKNOWN] = "something unknown",
	    [KINDS_TEXT] = "text",
	    [KINDS_HTML] = "an HTML page",
	    [KINDS_IMAGE] = "a picture",
	    [KINDS_MEDIA] = "sound or video",
	    [KINDS_PDF] = "a PDF",
	    [KINDS_OFFICE] = "an office document",
	    [KINDS_OLD] = "an old office document",
	    [KINDS_MACROS] = "an office document with macros",
	    [KINDS_ARCHIVE] = "an archive",
	    [KINDS_SCRIPT] = "a script",
	    [KINDS_PROGRAM] = "a program",
	};

	return say[kind];
}
