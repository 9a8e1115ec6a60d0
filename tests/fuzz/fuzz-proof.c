/*
 * libFuzzer target: any bytes as a mail whose DKIM or S/MIME signature is to
 * be checked, and as one that is to be signed.  Key and certificate are
 * of no use but this.
 */
#include "check/reader/proof.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define RECORD                                                                 \
	"v=DKIM1; k=rsa; p="                                                   \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCyM5UZUfKP7RmMwFb6why5"         \
	"5dHci4L6y6+BY7+ObSA1TNJv1JbaIUfKXOLTpABkt9b0sCwexrX6OGrOsNcp"         \
	"Z6vgVN25TZqefZfj5EBgoiOVW1rvBJsciRmMTqDLD9z1FUV+VuS2cgmlEDG5"         \
	"6l6rOcAOdHUvNJlKLw/Q7kDCYzB/BQIDAQAB"

static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBcDCCARWgAwIBAgIUfQSJU6FNd3grKaY1HJpDnMgya+owCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBeDAgFw0yNjExMjExNTEyNTNaGA8yMTI2MTAyODE1MTI1M1ow\n"
    "DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABP0zjvaKixJH\n"
    "Y1l6DXzJTiyZiL2sj7wDP7rbtPzh21WJzXWQXuoZEFf2n/I66b08qN86aBjKlYkQ\n"
    "RkaLlId+6eijUzBRMB0GA1UdDgQWBBSkUtGP0JIXnpB5ee1vqAPTOAo38TAfBgNV\n"
    "HSMEGDAWgBSkUtGP0JIXnpB5ee1vqAPTOAo38TAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0kAMEYCIQCwjRv8IX4tW76iofF+5FoTVqjJ0cAKqdvFAUKuQfI+\n"
    "7QIhANCN8OrbStQW1UuRXmaPKmF0sNAyFGZUGTAXJaIJOZ/s\n"
    "-----END CERTIFICATE-----\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span span(const char *s)
{
	return (struct span){s, strlen(s)};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char keys[] = "k reviewers.example s1 " RECORD "\n";
	const struct span mail = {(const char *)data, size};
	/* the last byte chooses what is tried */
	const struct span text =
	    size > 0 && data[size - 1] == 'P' ? span(certificate) : span(keys);
	struct reading_reply *reply = proof_reply(mail, text);
	struct reading_signed *sign =
	    proof_sign(mail, span("d reviewers.example s1\nno key\n"));

	if (sign->field.len > 0)
		abort();
	reading_reply_free(reply);
	reading_signed_free(sign);
	return 0;
}
